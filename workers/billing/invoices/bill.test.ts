import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { Invoice, mostLines, type Seller } from "../../../shared/events/billing.ts";
import { periodStart } from "../../../shared/periods.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { Random } from "../../../shared/testing/random.ts";
import { type Adjustment, type Bill, type BilledContract, billOf } from "./bill.ts";
import { creditNoteDraft, invoiceDraft } from "./invoice-draft.ts";

const startsAt = Date.UTC(2026, 0, 31);
const periodOf = (n: number) => ({ from: periodStart(startsAt, n), to: periodStart(startsAt, n + 1) });
const contract = (priceMinor: number, name = "Television Care", currency = "EUR"): BilledContract => ({
	name,
	priceMinor,
	currency,
});
const adjustment = (n: number, amountMinor: number, currency = "EUR"): Adjustment => ({
	period: periodOf(n),
	amountMinor,
	currency,
});
const bill = (contracts: BilledContract[], adjustments: Adjustment[] = [], more: Partial<Parameters<typeof billOf>[0]> = {}) =>
	billOf({ contracts, period: periodOf(12), adjustments, region: "south", taxRates: {}, language: "en", ...more });

const sum = (amounts: readonly { amountMinor: number }[]) => amounts.reduce((total, { amountMinor }) => total + amountMinor, 0);
const shuffled = <T>(all: readonly T[], random: Random) =>
	all
		.map((one) => ({ one, place: random.unit() }))
		.sort((a, b) => a.place - b.place)
		.map(({ one }) => one);

const seller: Seller = {
	name: "Penultimate Electronics",
	street: "1 Repair Way",
	postalCode: "10115",
	city: "Berlin",
	country: "DE",
	taxId: "DE000000000",
	email: "billing@penultimate.example",
};
const buyer = { name: "Ada Example", street: null, postalCode: null, city: null, country: null, email: "ada@example.test" };
const card = { brand: "visa", last4: "4242" } as const;

const paper = (of: Bill, language: "en" | "de" = "en") =>
	v.parse(Invoice, {
		number: "INV-00-000001",
		...invoiceDraft({
			bill: of,
			paymentId: newId("att", "00"),
			issuedAt: 1,
			period: periodOf(12),
			seller,
			buyer,
			card,
			language,
		}),
	});

/** A bill of anything: contracts with long names, adjustments up, down, none, and of another currency. */
function someCase(random: Random) {
	const contracts = Array.from({ length: random.between(1, 21) }, () =>
		contract(random.pick([0, 1, random.between(0, 10_000_001)]), "🛠".repeat(random.between(1, 61))),
	);
	const adjustments = Array.from({ length: random.pick([0, 1, random.between(0, 70)]) }, (_, n) =>
		adjustment(n, random.pick([0, 1, -1, random.between(-20_000_000, 20_000_001)]), random.chance(0.1) ? "CHF" : "EUR"),
	);
	const rate = random.pick([0, 1, 700, 1900, 10_000, random.between(0, 10_001)]);
	return { contracts, adjustments, rate, region: random.pick(["south", "north", null]) };
}

describe("row 25: an invoice adds up, whatever is billed:", () => {
	const random = new Random(25);
	const cases = Array.from({ length: 1000 }, () => someCase(random));
	const bills = cases.map(({ contracts, adjustments, region, rate }) =>
		bill(contracts, adjustments, { region, taxRates: { south: rate } }),
	);

	it("lines sum to the net, net and tax to the total, all whole and none below 0", () => {
		for (const { lines, netMinor, tax, totalMinor } of bills) {
			expect(sum(lines)).toBe(netMinor);
			expect(netMinor + tax.amountMinor).toBe(totalMinor);
			for (const amount of [netMinor, tax.amountMinor, totalMinor]) {
				expect(Number.isSafeInteger(amount) && amount >= 0).toBe(true);
			}
		}
	});

	it("what is taken of an adjustment has its sign, is never more than it, and stands in a line", () => {
		for (const [i, { lines, adjustments: taken }] of bills.entries()) {
			const given = new Map(cases[i]?.adjustments.map((each) => [each.period.from, each]));
			expect(new Set(taken.map(({ fromAt }) => fromAt)).size).toBe(taken.length);
			for (const { fromAt, amountMinor } of taken) {
				const whole = given.get(fromAt);
				expect(whole?.currency).toBe("EUR");
				const [least, most] = [Math.min(whole?.amountMinor ?? 0, 0), Math.max(whole?.amountMinor ?? 0, 0)];
				expect(least <= amountMinor && amountMinor <= most && amountMinor !== 0).toBe(true);
			}
			const shown = lines.filter(({ kind }) => kind === "adjustment");
			expect(shown.map(({ period, amountMinor }) => ({ fromAt: period.from, amountMinor }))).toEqual(taken);
		}
	});

	it("as much is taken as can be: only where there is nothing left to pay, or no more than is charged at least, or no line, something waits", () => {
		for (const [i, { netMinor, lines, adjustments: taken }] of bills.entries()) {
			const euros = cases[i]?.adjustments.filter(({ currency, amountMinor }) => currency === "EUR" && amountMinor !== 0) ?? [];
			const left = sum(euros) - sum(taken);
			if (netMinor > 50 && euros.length + (cases[i]?.contracts.length ?? 0) <= mostLines) expect(left).toBe(0);
			expect(lines.length).toBeLessThanOrEqual(mostLines);
		}
	});

	it("what waits is taken by the next ones, and in the end exactly what was to be adjusted", () => {
		for (const { adjustments: all, rate } of cases.slice(0, 300)) {
			let waiting = all.filter(({ currency }) => currency === "EUR");
			let taken = 0;
			for (let n = 0; n < 200 && sum(waiting.map(({ amountMinor }) => ({ amountMinor: Math.abs(amountMinor) }))) > 0; n++) {
				const { adjustments } = bill([contract(10_000_000)], waiting, { taxRates: { south: rate } });
				taken += sum(adjustments);
				const byPeriod = new Map(adjustments.map(({ fromAt, amountMinor }) => [fromAt, amountMinor]));
				waiting = waiting.map((one) => ({ ...one, amountMinor: one.amountMinor - (byPeriod.get(one.period.from) ?? 0) }));
			}
			expect(taken).toBe(sum(all.filter(({ currency }) => currency === "EUR")));
		}
	});

	it("the order in which contracts and adjustments come does not matter to any sum", () => {
		for (const [i, { contracts, adjustments, region, rate }] of cases.entries()) {
			const other = bill(shuffled(contracts, random), shuffled(adjustments, random), { region, taxRates: { south: rate } });
			const sums = ({ lines: _, ...rest }: Bill) => rest;
			expect(sums(other)).toEqual(sums(bills[i] as Bill)); // there are as many
		}
	});

	it("each is an invoice that the customer quantum accepts", () => {
		for (const each of bills) expect(paper(each).totalMinor).toBe(each.totalMinor);
	});
});

describe("row 25: tax", () => {
	it("is rounded half up, at every half", () => {
		for (let bp = 1; bp <= 10_000; bp++) {
			// the nets on both sides of a half, and those that meet one
			for (const net of [1, 50, 5000, Math.floor(5000 / bp), Math.ceil(5000 / bp), 15_000, 999_999]) {
				const { amountMinor } = bill([contract(net)], [], { taxRates: { south: bp } }).tax;
				const exact = BigInt(net) * BigInt(bp);
				const expected = exact / 10_000n + (exact % 10_000n >= 5000n ? 1n : 0n);
				expect(BigInt(amountMinor)).toBe(expected);
			}
		}
	});

	it.each([
		["half a cent, up", 50, 100, 1],
		["less than half a cent, down", 49, 100, 0],
		["two and a half cents, up and not to the even one", 250, 100, 3],
	])("%s", (_, net, bp, expected) => {
		expect(bill([contract(net)], [], { taxRates: { south: bp } }).tax).toEqual({
			region: "south",
			basisPoints: bp,
			amountMinor: expected,
		});
	});

	it("is of the sum: three lines of a third of a cent are a cent", () => {
		const { tax } = bill([contract(33), contract(33), contract(34)], [], { taxRates: { south: 100 } });
		expect(tax.amountMinor).toBe(1);
	});

	it.each([["nowhere"], [null], ["constructor"], ["__proto__"], ["toString"]])(
		"is none in a region that is not in the table: %s",
		(region) => {
			expect(bill([contract(1000)], [], { region, taxRates: { south: 1900 } }).tax).toEqual({
				region,
				basisPoints: 0,
				amountMinor: 0,
			});
		},
	);

	it("is of what is left after credits", () => {
		const { netMinor, tax, totalMinor } = bill([contract(1000)], [adjustment(1, -400)], { taxRates: { south: 1900 } });
		expect({ netMinor, tax: tax.amountMinor, totalMinor }).toEqual({ netMinor: 600, tax: 114, totalMinor: 714 });
	});
});

describe("a bill", () => {
	it("takes credits, the oldest first, until nothing is to be paid", () => {
		const { adjustments, netMinor } = bill([contract(1000)], [adjustment(2, -700), adjustment(1, -600), adjustment(3, -5)]);
		expect(netMinor).toBe(0);
		expect(adjustments).toEqual([
			{ fromAt: periodOf(1).from, amountMinor: -600 },
			{ fromAt: periodOf(2).from, amountMinor: -400 },
		]);
	});

	it.each([
		["a cent less than the least charge is left", -951, "EUR", 50],
		["the least charge is left", -950, "EUR", 50],
		["nothing is left", -1000, "EUR", 0],
		["more than that", -1200, "EUR", 0],
		["of a currency with other units", -999, "CZK", 1000],
		["a currency whose least charge is not known", -999, "XTS", 1],
	])("takes no credit that would leave less to pay than a card can be charged: %s", (_, amountMinor, currency, net) => {
		const { netMinor, adjustments } = bill([contract(1000, "Care", currency)], [adjustment(1, amountMinor, currency)]);
		expect(netMinor).toBe(net);
		expect(sum(adjustments)).toBe(net - 1000);
	});

	it("takes the oldest credits of those, and charges for earlier periods whole", () => {
		const { adjustments, netMinor } = bill(
			[contract(1000)],
			[adjustment(1, -900), adjustment(2, -80), adjustment(3, 10), adjustment(4, -20)],
		);
		expect(netMinor).toBe(50);
		expect(adjustments.map(({ amountMinor }) => amountMinor)).toEqual([-900, -60, 10]);
	});

	it("of less than can be charged stays so: no credit is taken but one that covers it", () => {
		expect(bill([contract(30)], [adjustment(1, -10)]).netMinor).toBe(30);
		expect(bill([contract(30)], [adjustment(1, -30)]).netMinor).toBe(0);
	});

	it("has charges for earlier periods before credits, whichever period is older", () => {
		const { adjustments, netMinor } = bill([contract(100)], [adjustment(1, -300), adjustment(2, 200)]);
		expect(netMinor).toBe(0);
		expect(sum(adjustments)).toBe(-100);
	});

	it("leaves what is of another currency for one of that currency", () => {
		const { adjustments } = bill([contract(100)], [adjustment(1, -30, "CHF")]);
		expect(adjustments).toEqual([]);
	});

	it("is of one currency", () => {
		expect(() => bill([contract(1), contract(1, "Hi-fi", "CHF")])).toThrow(RangeError);
		expect(() => bill([])).toThrow(RangeError);
	});

	it("names the days as the period under the line does, whatever the time of day", () => {
		const at = (month: number) => Date.UTC(2026, month, 23, 14, 30);
		const period = { from: at(8), to: at(9) };
		const { lines } = bill([contract(100)], [{ period, amountMinor: -1, currency: "EUR" }]);
		expect(lines[1]?.text).toBe("Credit for 23 September 2026 to 22 October 2026");
	});

	it.each([
		["en", -1, "Credit for 28 February 2026 to 30 March 2026"],
		["en", 1, "Additional charge for 28 February 2026 to 30 March 2026"],
		["de", -1, "Gutschrift für 28. Februar 2026 bis 30. März 2026"],
		["de", 1, "Nachberechnung für 28. Februar 2026 bis 30. März 2026"],
	] as const)("says in the customer's language which days it adjusts: %s, %s", (language, amountMinor, text) => {
		const { lines } = bill([contract(100)], [adjustment(1, amountMinor)], { language });
		expect(lines[1]).toEqual({ kind: "adjustment", text, period: periodOf(1), amountMinor });
	});

	it("names the contracts as they are called, HTML and all", () => {
		const name = `<script>alert("x")</script> & 'TV' 👩‍🔧 ע`;
		expect(paper(bill([contract(100, name)])).lines[0]?.text).toBe(name);
	});

	it("has no card where nothing was charged", () => {
		expect([paper(bill([contract(0)])).card, paper(bill([contract(1)])).card]).toEqual([null, card]);
	});
});

it("a credit note is written to whom its invoice was, at its rate, and corrects it", () => {
	const invoice = paper(bill([contract(1000)], [], { taxRates: { south: 1900 } }), "de");
	const refundId = newId("rfd", "00");
	const refund = { invoice, refundId, issuedAt: 5, seller, reason: "<b>Zu spät</b>", netMinor: 500, taxMinor: 95 };
	const note = v.parse(Invoice, { number: "CRN-00-000001", ...creditNoteDraft(refund) });

	expect(note).toMatchObject({
		invoiceId: `inv_${refundId.slice(4)}`,
		kind: "credit_note",
		buyer,
		period: invoice.period,
		lines: [{ kind: "refund", text: "<b>Zu spät</b>", amountMinor: 500 }],
		netMinor: 500,
		tax: { region: "south", basisPoints: 1900, amountMinor: 95 },
		totalMinor: 595,
		card,
		corrects: { invoiceId: invoice.invoiceId, number: "INV-00-000001" },
		language: "de",
	});
});
