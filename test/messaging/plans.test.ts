import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { topology } from "../../shared/events/topology.ts";
import { relay } from "../../shared/messaging/relay.ts";
import { rowsOf } from "../../shared/testing/database.ts";
import { customerId } from "../../shared/testing/fixtures.ts";
import { createQuanta, type Quanta } from "../../shared/testing/quanta.ts";
import { givenVersion } from "../../shared/testing/replica.ts";
import { days, minutes } from "../../shared/time.ts";
import type { BillingCtx } from "../../workers/billing/context.ts";
import { termsOf } from "../../workers/billing/invoices/terms.ts";
import { billing } from "../../workers/billing/quantum.ts";
import { getSubscription } from "../../workers/billing/subscriptions/get-subscription.ts";
import { signPlan } from "../../workers/customer/plans/sign-plan.ts";
import { changeEmail } from "../../workers/customer/profile/change-email.ts";
import { changeProfile } from "../../workers/customer/profile/change-profile.ts";
import { openProfile } from "../../workers/customer/profile/open-profile.ts";
import { customer } from "../../workers/customer/quantum.ts";

let quanta: Quanta;
const ada = { customerId: customerId("00"), sessionId: "ses_000aaaaaaaaaaaaaaaaaaaaaaaaa" };
const neighbour = { customerId: customerId("01"), sessionId: "ses_010aaaaaaaaaaaaaaaaaaaaaaaaa" };
const tv = { contractId: `ctr_00${"a".padStart(26, "0")}`, version: 1 };
const hifi = { contractId: `ctr_00${"b".padStart(26, "0")}`, version: 5 };

beforeEach(async () => {
	quanta = createQuanta(topology);
	const { customer00, customer01, billing00, billing01 } = quanta.databases;
	for (const database of [customer00, customer01, billing00, billing01]) await givenVersion(database, tv);
	for (const database of [customer00, customer01]) await givenVersion(database, hifi);
});

/** What a customer does, and the message that it leaves for billing. */
async function sign(lines: (typeof tv)[], session = ada): Promise<string> {
	await signPlan({ ctx: quanta.ctx("customer"), input: { session, lines } });
	return sent();
}
async function sent(): Promise<string> {
	await quanta.settled();
	return quanta.take("billing-info")[0] ?? "";
}

const terms = termsOf({ CHARGE_DELAY_HOURS: "24", PAYMENT_LEASE_SECONDS: "900", SELLER: "{}", TAX_RATES: "{}" });
const toBilling = (...messages: string[]) => quanta.deliver<BillingCtx>(billing, "billing-info", messages, { terms });
const receipts = () => quanta.deliver(customer, "receipts-customer", quanta.take("receipts-customer"));
const at = (session = ada) => getSubscription({ ctx: quanta.ctx("billing"), input: { customerId: session.customerId } });
const outbox = () => rowsOf(env.CUSTOMER_DB_00, "select type from outbox");
const lineOf = ({ contractId, version: contractVersion }: typeof tv) => ({ contractId, contractVersion });
const iso = (time: number) => new Date(time).toISOString();
const start = Date.UTC(2026, 10, 2, 12);
const nextPeriod = Date.UTC(2026, 11, 2, 12);

describe("a plan", () => {
	it("is a subscription with its lines and versions, in its customer's shard, and the outbox is empty then", async () => {
		await toBilling(await sign([tv]), await sign([tv], neighbour));
		await receipts();

		const phases = [{ from: iso(start), lines: [lineOf(tv)] }];
		for (const session of [ada, neighbour]) {
			const subscriptions = [{ startsAt: iso(start), endsAt: null, version: start, phases }];
			expect(await at(session)).toEqual({ customerId: session.customerId, customer: null, subscriptions });
		}
		expect(await outbox()).toEqual([]);
		expect(await rowsOf(env.BILLING_DB_01, "select customer_id from subscriptions")).toEqual([
			{ customer_id: neighbour.customerId },
		]);
	});

	it("ends at the end of the period in which it was cancelled", async () => {
		await toBilling(await sign([tv]));
		quanta.now += 10 * days;
		await toBilling(await sign([]));

		expect((await at()).subscriptions).toMatchObject([{ endsAt: iso(nextPeriod), phases: [{ lines: [lineOf(tv)] }] }]);
	});

	it("that is signed after the end of another is a subscription of its own", async () => {
		await toBilling(await sign([tv]));
		await sign([]); // is lost on its way
		quanta.now = nextPeriod;
		await toBilling(await sign([tv]));
		await relay(quanta.ctx("customer"));
		await toBilling(...quanta.take("billing-info"));

		expect((await at()).subscriptions).toMatchObject([
			{ startsAt: iso(nextPeriod), endsAt: null },
			{ startsAt: iso(start), endsAt: iso(nextPeriod) },
		]);
	});

	it("that was forgotten when its shard was put back ends at billing where the next one begins", async () => {
		await toBilling(await sign([tv]));
		await quanta.databases.customer00.prepare("delete from plans").run();
		quanta.now += 10 * days;
		const second = quanta.now;
		await toBilling(await sign([tv]));

		expect((await at()).subscriptions).toMatchObject([
			{ startsAt: iso(second), endsAt: null },
			{ startsAt: iso(start), endsAt: iso(second) },
		]);
		quanta.now += days;
		await toBilling(await sign([]));
		expect((await at()).subscriptions).toMatchObject([{ endsAt: iso(Date.UTC(2026, 11, 12, 12)) }, { endsAt: iso(second) }]);
	});

	it("whose older picture comes later stays as the newest says, which is confirmed all the same", async () => {
		const first = await sign([tv]);
		quanta.now += 1000;
		const second = await sign([]);
		quanta.now += 1000;
		const third = await sign([tv]);

		await toBilling(second);
		await toBilling(third);
		await toBilling(first, second);
		await receipts();

		expect((await at()).subscriptions).toMatchObject([{ version: start + 2000, endsAt: null }]);
		expect(await outbox()).toEqual([]);
	});

	it("of several pictures in one batch is what the newest says, in whatever order they come", async () => {
		const first = await sign([tv]);
		const second = await sign([]);

		await toBilling(second, first);

		expect((await at()).subscriptions).toMatchObject([{ version: start + 1, endsAt: iso(nextPeriod) }]);
	});
});

describe("a plan with a contract version that billing has not replicated yet", () => {
	it("is deferred without a trace and without a receipt, and stored when the relay brings it again", async () => {
		const message = await sign([tv, hifi]);

		expect(await toBilling(message)).toEqual({ acknowledged: [0], retried: [] });
		await expect(at()).rejects.toMatchObject({ code: "not_found" });
		expect(quanta.take("receipts-customer")).toEqual([]);
		expect(await rowsOf(env.BILLING_DB_00, "select * from inbox")).toEqual([]);

		await givenVersion(quanta.databases.billing00, { ...hifi, offered: false });
		quanta.now += 10 * minutes;
		await relay(quanta.ctx("customer"));
		await toBilling(...quanta.take("billing-info"));
		await receipts();
		expect((await at()).subscriptions).toMatchObject([{ phases: [{ lines: [lineOf(tv), lineOf(hifi)] }] }]);
		expect(await outbox()).toEqual([]);
	});

	it("waits also when only a phase that is to come names it, and when billing has another version of it", async () => {
		await givenVersion(quanta.databases.billing00, { ...hifi, version: 4 });
		await toBilling(await sign([tv]));

		await toBilling(await sign([hifi]));

		expect((await at()).subscriptions).toMatchObject([{ phases: [{ lines: [lineOf(tv)] }] }]);
	});

	it("waits no longer when a newer picture without it is stored: it is confirmed, and changes nothing", async () => {
		await toBilling(await sign([tv]));
		const outdated = await sign([hifi]);
		const newest = await sign([]);
		await toBilling(outdated, newest);

		await toBilling(outdated);
		await receipts();

		expect((await at()).subscriptions).toMatchObject([{ endsAt: iso(nextPeriod), phases: [{ lines: [lineOf(tv)] }] }]);
		expect(await outbox()).toEqual([]);
	});

	it("keeps nobody else waiting", async () => {
		await toBilling(await sign([tv, hifi]), await sign([tv], neighbour));

		expect((await at(neighbour)).subscriptions).toHaveLength(1);
	});
});

describe("a customer", () => {
	const profile = {
		name: "Ada Example",
		street: "1 Example Street",
		postalCode: "10115",
		city: "Berlin",
		country: "DE",
		region: "north",
		language: "de",
	} as const;
	const change = async (name: string) => {
		const input = { session: ada, ...profile, name, phone: "+49 30 5550100", notify: { email: true, sms: false } };
		await changeProfile({ ctx: quanta.ctx("customer"), input });
		return sent();
	};
	let opened: Awaited<ReturnType<typeof sent>>;
	beforeEach(async () => {
		await openProfile({ ctx: quanta.ctx("customer"), input: { customerId: ada.customerId, email: "ada@customer.example" } });
		opened = await sent();
	});

	it("is whom billing writes to, at the newest address, whatever order the news came in", async () => {
		const first = await change("Ada Example");
		const second = await change("Ada Byron");
		await changeEmail({
			ctx: quanta.ctx("customer"),
			input: { customerId: ada.customerId, email: "ada@byron.example", changedAt: quanta.now },
		});
		const third = await sent();

		await toBilling(third);
		await toBilling(second, opened, first);
		await receipts();

		expect(await at()).toEqual({
			customerId: ada.customerId,
			customer: { email: "ada@byron.example", ...profile, name: "Ada Byron" },
			subscriptions: [],
		});
		expect(await outbox()).toEqual([]);
	});

	it("who has not said anything yet is known by address alone", async () => {
		await toBilling(opened);
		expect((await at()).customer).toMatchObject({ email: "ada@customer.example", name: null, language: "en" });

		const input = { customerId: ada.customerId, email: "new@customer.example", changedAt: quanta.now };
		await changeEmail({ ctx: quanta.ctx("customer"), input });

		await toBilling(await sent());

		expect((await at()).customer).toMatchObject({ email: "new@customer.example", name: null, language: "en" });
	});
});

it.each([
	["nobody", customerId("00", "b")],
	["of no shard", customerId("ff")],
	["of no customer", "nonsense"],
])("billing knows nothing of a customer id: %s", async (_, id) => {
	await expect(getSubscription({ ctx: quanta.ctx("billing"), input: { customerId: id } })).rejects.toMatchObject({
		code: "not_found",
	});
});
