import * as v from "valibot";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { type Looks, sheetsOf, type Visit } from "./chromium.ts";
import { expectGood, expectGoodOnNarrow } from "./expect-good.ts";
import { linkTo, told } from "./mails.ts";
import {
	addCard,
	cardOf,
	choosePlan,
	completeProfile,
	heading,
	newAddress,
	newCardNumber,
	type Particulars,
	reach,
	reloadUntil,
	signIn,
} from "./person.ts";
import { openSite, type Site } from "./site.ts";
import { firstInvoice, giveBack, invoiceOn, sandboxCards } from "./tour-of-money.ts";

/** What a plan costs, as its customer sees it: charged at once, since the local stack waits for no day to pass. */
let site: Site;
beforeAll(async () => {
	site = await openSite(inject("stack"));
});
afterAll(() => site.close());

const patience = { timeout: 20_000, interval: 300 };

/** Somebody who has a profile and no plan yet. */
async function customer(looks?: Looks, particulars?: Particulars): Promise<{ visit: Visit; email: string }> {
	const visit = await site.open(looks);
	const email = newAddress();
	await visit.page.goto("/sign-in?next=/profile");
	await signIn(site, visit, email);
	await completeProfile(visit, particulars);
	await heading(visit, "Choose your plan");
	return { visit, email };
}

async function sign(visit: Visit): Promise<void> {
	await visit.page.goto("/plan/edit");
	await choosePlan(visit);
	await heading(visit, "Submit a ticket");
}

const Money = v.object({ amountMinor: v.number(), currency: v.string() });
const Invoice = v.object({ number: v.string(), net: Money, tax: v.object({ amount: Money }), total: Money });

async function invoiceByApi({ page }: Visit, id: string): Promise<v.InferOutput<typeof Invoice>> {
	const answer = await page.request.get(`/api/v1/invoices/${id}`);
	return v.parse(Invoice, await answer.json());
}

const amount = { amountMinor: v.number(), currency: v.string(), result: v.object({ outcome: v.string() }) };
const Ledger = v.object({
	charges: v.array(v.object({ id: v.string(), ...amount })),
	refunds: v.array(v.object({ charge: v.string(), ...amount })),
});

/** What the provider has done for an invoice, which has its attempt's id but for the first letters. */
async function ledgerOf(invoiceId: string) {
	const attempt = invoiceId.replace("inv_", "att_");
	const answer = await site.stack.request("", "/__dev/payments", { headers: { accept: "application/json" } });
	const { charges, refunds } = v.parse(Ledger, await answer.json());
	return { charges: charges.filter(({ id }) => id === attempt), refunds: refunds.filter(({ charge }) => charge === attempt) };
}

/** The amount that stands behind these words in a table. */
async function amountOf({ page }: Visit, name: string | RegExp): Promise<string> {
	const row = page.getByRole("row").filter({ has: page.getByRole("rowheader", { name, exact: typeof name === "string" }) });
	return ((await row.getByRole("cell").textContent()) ?? "").trim();
}

const notice = ({ page }: Visit) => page.getByRole("status").filter({ hasText: "A payment for your plan has failed" });
const subjects = async (email: string) => (await site.messagesTo(email)).map(({ subject }) => subject);

test("who signs a plan and enters a card has an invoice in the portal and in the mail, of what was charged", async () => {
	const { visit, email } = await customer({}, { region: "South" });
	const { page } = visit;

	// when they enter a card and sign
	await addCard(visit, sandboxCards.good);
	await reloadUntil(visit, cardOf(visit, sandboxCards.good).getByText("Ready"));
	await page.goto("/invoices");
	await heading(visit, "No invoices yet");
	await expectGood(visit);
	await sign(visit);
	await page.goto("/plan");
	const monthly = await amountOf(visit, "Total");

	// then the first month is charged at once, and its invoice is in the list
	const invoice = await firstInvoice(visit);
	await expectGood(visit);
	await expectGoodOnNarrow(visit);
	const listed = await page.getByRole("row").filter({ has: invoice }).textContent();

	// which leads to the invoice by keyboard
	await reach(visit, /^INV-/);
	await page.keyboard.press("Enter");
	await page.waitForURL("**/invoices/inv_*");
	await expectGood(visit);
	await expectGoodOnNarrow(visit);
	expect(await page.locator("article").textContent()).toMatch(/Visa •••• 4242/);
	expect(await sheetsOf(page)).toBe(1);

	// every amount is the same wherever it stands
	const id = invoiceOn(visit);
	const { number, net, tax, total } = await invoiceByApi(visit, id);
	expect(await amountOf(visit, "Net amount")).toBe(monthly);
	expect(net.amountMinor + tax.amount.amountMinor).toBe(total.amountMinor);
	expect(tax.amount.amountMinor).toBe(Math.round(net.amountMinor * 0.07));
	const written = new Intl.NumberFormat("en-GB", { style: "currency", currency: total.currency }).format(total.amountMinor / 100);
	expect(await amountOf(visit, "Total")).toBe(written);
	expect(listed).toContain(written);
	expect(await ledgerOf(id)).toEqual({
		charges: [expect.objectContaining({ ...total, result: expect.objectContaining({ outcome: "approved" }) })],
		refunds: [],
	});

	// and in the mail, whose link leads to the invoice
	const mail = await told(site, email, `Your invoice ${number}`);
	expect(mail.text).toContain(written);
	expect(mail.text).not.toContain(sandboxCards.good);
	const link = linkTo(site, "/invoices/", mail);
	await page.goto(link);
	await heading(visit, `Invoice ${number}`);

	// for its customer alone
	const stranger = await site.open();
	await stranger.page.goto(link);
	await heading(stranger, "Sign in");
	expect(new URL(stranger.page.url()).searchParams.get("next")).toBe(`/invoices/${id}`);

	// and nobody says that something had failed
	await page.goto("/");
	expect(await notice(visit).count()).toBe(0);
	expect((await subjects(email)).filter((subject) => /paid/.test(subject))).toEqual([]);
	expect(visit.troubles).toEqual([]);
});

test("who signs before there is a card is told so, and is charged when there is one", async () => {
	const { visit, email } = await customer({ size: "phone" });
	const { page } = visit;
	await sign(visit);

	await page.goto("/");
	await reloadUntil(visit, notice(visit).getByText("There was no card that could be charged."));
	await expectGood(visit, { size: "phone" });
	const mail = await told(site, email, "Your support plan is not paid yet");
	expect(linkTo(site, "/cards/new", mail)).toBe(`${site.origin}/cards/new`);
	await addCard(visit, newCardNumber());

	await firstInvoice(visit);
	await page.goto("/plan");
	expect(await notice(visit).count()).toBe(0);
	await told(site, email, /^Your invoice INV-/);
	expect(visit.troubles).toEqual([]);
});

test("a card without money on it: the notice leads to another card, which is charged, and all is told", async () => {
	const { visit, email } = await customer();
	const { page } = visit;
	await addCard(visit, sandboxCards.noMoney);
	await reloadUntil(visit, cardOf(visit, sandboxCards.noMoney).getByText("Ready"));
	await sign(visit);

	// when it is declined, home and plan say why and what comes next
	for (const path of ["/plan", "/"]) {
		await page.goto(path);
		await reloadUntil(visit, notice(visit));
		expect(await notice(visit).textContent()).toMatch(/there was not enough money\. We try again on \d+ \w+ \d{4}, or as soon/);
		await expectGood(visit);
		await expectGoodOnNarrow(visit);
	}
	const failed = await told(site, email, "Your support plan is not paid yet");
	expect(failed.text).toContain("there is not enough money");
	await page.goto("/invoices");
	await heading(visit, "No invoices yet");

	// and lead to another card by keyboard
	await page.goto("/");
	await reach(visit, /^Enter another card$/);
	await page.keyboard.press("Enter");
	await heading(visit, "Add a card");
	await addCard(visit, sandboxCards.good);

	// which is charged: the notice is gone, the invoice is there, and both are told
	await firstInvoice(visit);
	for (const path of ["/plan", "/"]) {
		await page.goto(path);
		expect(await notice(visit).count()).toBe(0);
	}
	const recovered = await told(site, email, "Your support plan is paid");
	expect(recovered.text).toContain(`${site.origin}/invoices`);
	const mail = await told(site, email, /^Your invoice INV-/);
	await page.goto(linkTo(site, "/invoices/", mail));
	expect(await page.locator("article").textContent()).toContain("•••• 4242");
	const { charges } = await ledgerOf(invoiceOn(visit));
	expect(charges).toHaveLength(1);
	expect(visit.troubles).toEqual([]);
});

test("a card that will never be charged again is not tried again, and the page says so", async () => {
	const { visit, email } = await customer();
	await addCard(visit, sandboxCards.expired);
	await reloadUntil(visit, cardOf(visit, sandboxCards.expired).getByText("Ready"));
	await sign(visit);

	await visit.page.goto("/");
	await reloadUntil(visit, notice(visit));

	expect(await notice(visit).textContent()).toContain("Your card has expired. We do not charge this card again.");
	await expectGood(visit);
	const mail = await told(site, email, "Your support plan is not paid yet");
	expect(mail.text).toContain("We will not try again automatically.");
	expect(visit.troubles).toEqual([]);
});

test("what the staff give back has a credit note, in the language of its customer", async () => {
	const { visit, email } = await customer({ size: "phone", colorScheme: "dark" }, { language: "Deutsch" });
	const { page } = visit;
	const good = () => expectGood(visit, { size: "phone" });
	await addCard(visit, newCardNumber());
	await sign(visit);
	const invoice = await firstInvoice(visit);
	const number = await invoice.textContent();
	await invoice.click();
	await page.waitForURL("**/invoices/inv_*");
	await heading(visit, `Rechnung ${number}`);
	expect(await page.getByRole("article").getAttribute("lang")).toBe("de");
	const id = invoiceOn(visit);

	// when a part of it is given back
	await giveBack(site, id, { amountMinor: 500, reason: "Niemand ist gekommen." });

	// then the credit note is in the list
	await page.goto("/invoices");
	const note = page.getByRole("link", { name: /^CRN-/ });
	await reloadUntil(visit, note);
	await good();
	expect(await page.getByRole("row").filter({ has: note }).textContent()).toMatch(/€5\.00 given back\s*Credit note/);

	// says what for and of what, as the invoice says of it
	const noteNumber = await note.textContent();
	await note.click();
	await heading(visit, `Gutschrift ${noteNumber}`);
	await good();
	expect(await sheetsOf(page)).toBe(1);
	expect(await page.getByRole("article").textContent()).toContain("Niemand ist gekommen.");
	expect(await amountOf(visit, "Erstattungsbetrag")).toMatch(/^5,00\s€$/);
	await page.getByRole("link", { name: number ?? "" }).click();
	await heading(visit, `Rechnung ${number}`);
	await page.getByRole("link", { name: noteNumber ?? "" }).waitFor();
	await good();

	// and is told
	const mail = await told(site, email, `Ihre Gutschrift ${noteNumber}`);
	expect(mail.text).toMatch(/5,00\s€/);
	await page.goto(linkTo(site, "/invoices/", mail));
	await heading(visit, `Gutschrift ${noteNumber}`);
	await vi.waitFor(async () => {
		const { refunds } = await ledgerOf(id);
		expect(refunds).toEqual([
			expect.objectContaining({ amountMinor: 500, result: expect.objectContaining({ outcome: "refunded" }) }),
		]);
	}, patience);
	expect(visit.troubles).toEqual([]);
});

test("a card that the bank does not let us keep is not accepted: page and mail say why, and nothing is charged", async () => {
	const { visit, email } = await customer();
	const { page } = visit;

	await addCard(visit, sandboxCards.declined);

	await reloadUntil(visit, cardOf(visit, sandboxCards.declined).getByText("Not accepted"));
	expect(await cardOf(visit, sandboxCards.declined).textContent()).toContain("The bank has declined the card.");
	await expectGood(visit);
	await expectGoodOnNarrow(visit);
	const mail = await told(site, email, /^We could not accept your card/);
	expect(mail.text).toMatch(/bank/);

	// and a plan that is signed then waits for a card
	await sign(visit);
	await page.goto("/");
	await reloadUntil(visit, notice(visit).getByText("There was no card that could be charged."));
	expect(visit.troubles).toEqual([]);
});

test("what the payment sandbox has done stands on its page", async () => {
	const { visit } = await customer();
	await addCard(visit, newCardNumber());
	await sign(visit);
	await (await firstInvoice(visit)).click();
	await visit.page.waitForURL("**/invoices/inv_*");
	const attempt = invoiceOn(visit).replace("inv_", "att_");

	await visit.page.goto("/__dev/payments");

	expect(await visit.page.getByRole("row").filter({ hasText: attempt }).textContent()).toContain("approved");
	await expectGood(visit);
	expect(visit.troubles).toEqual([]);
});
