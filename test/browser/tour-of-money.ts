import { randomUUID } from "node:crypto";
import type { Locator } from "playwright-core";
import type { Visit } from "./chromium.ts";
import { addCard, cardOf, choosePlan, completeProfile, heading, newAddress, reloadUntil, signIn } from "./person.ts";
import type { Site } from "./site.ts";

/** By what the payment sandbox does with them (docs/payments-sandbox.md). */
export const sandboxCards = {
	good: "4242424242424242",
	noMoney: "4000000000009995",
	expired: "4000000000000069",
	declined: "4000000000000002",
} as const;

/** Opens the list of invoices, and waits for the first one: nobody waits for a day in the local stack. */
export async function firstInvoice(visit: Visit): Promise<Locator> {
	await visit.page.goto("/invoices");
	const invoice = visit.page.getByRole("link", { name: /^INV-/ });
	await reloadUntil(visit, invoice);
	return invoice;
}

/** The invoice that the page is of. */
export function invoiceOn({ page }: Visit): string {
	const [id] = /inv_\w+/.exec(page.url()) ?? [];
	if (!id) throw new Error(`${page.url()} is not of an invoice`);
	return id;
}

/** The staff give back a part of what was charged. */
export const giveBack = ({ staff }: Site, invoiceId: string, refund: { amountMinor: number; reason: string }): Promise<unknown> =>
	staff.ask("billing", `/api/v1/invoices/${invoiceId}/refunds`, refund, { "idempotency-key": randomUUID() });

/** What somebody new pays, and what is said of it. Needs a browser in which nobody is signed in. */
export async function* money(site: Site, visit: Visit): AsyncGenerator<string> {
	const email = newAddress();
	await visit.page.goto("/sign-in?next=/profile");
	await signIn(site, visit, email);
	await completeProfile(visit, { region: "South" });
	await choosePlan(visit);
	await heading(visit, "Submit a ticket");
	yield* unpaid(visit);
	yield* paid(site, visit);
	yield* mailed(visit, email);
	await visit.page.goto("/__dev/payments");
	yield "payments";
}

async function* unpaid(visit: Visit): AsyncGenerator<string> {
	const { page } = visit;
	const says = (text: string) => reloadUntil(visit, page.getByRole("status").filter({ hasText: text }));
	await page.goto("/");
	await says("There was no card that could be charged.");
	yield "home-no-card";
	await addCard(visit, sandboxCards.declined);
	await reloadUntil(visit, cardOf(visit, sandboxCards.declined).getByText("Not accepted"));
	await page.goto("/cards");
	yield "cards-declined";
	await addCard(visit, sandboxCards.noMoney);
	await page.goto("/");
	await says("We try again on");
	yield "home-unpaid";
	await page.goto("/plan");
	yield "plan-unpaid";
	await addCard(visit, sandboxCards.expired);
	await page.goto("/plan");
	await says("We do not charge this card again.");
	yield "plan-unpaid-for-good";
}

async function* paid(site: Site, visit: Visit): AsyncGenerator<string> {
	const { page } = visit;
	await addCard(visit, sandboxCards.good);
	const invoice = await firstInvoice(visit);
	yield "invoices";
	await invoice.click();
	await heading(visit, "Invoice");
	yield "invoice";
	await giveBack(site, invoiceOn(visit), { amountMinor: 500, reason: "Our expert came a day late." });
	await reloadUntil(visit, page.getByRole("link", { name: /^CRN-/ }));
	yield "invoice-corrected";
	await page.goto("/invoices");
	yield "invoices-with-credit-note";
	await page.getByRole("link", { name: /^CRN-/ }).click();
	await heading(visit, "Credit note");
	yield "credit-note";
	await page.goto("/plan");
	await page.getByText("This period runs until").waitFor();
	yield "plan-paid";
}

/** One of each. */
async function* mailed(visit: Visit, email: string): AsyncGenerator<string> {
	const mails = {
		"mailbox-unpaid": "Your support plan is not paid yet",
		"mailbox-paid": "Your support plan is paid",
		"mailbox-invoice": /^Your invoice/,
		"mailbox-credit-note": /^Your credit note/,
		"mailbox-card-declined": "We could not accept your card",
	} as const;
	for (const [name, subject] of Object.entries(mails)) {
		await visit.page.goto(`/__dev/mail?to=${email}`);
		const mail = visit.page.getByRole("link", { name: subject }).first();
		await reloadUntil(visit, mail);
		await mail.click();
		await visit.page.getByTitle("The HTML of this e-mail").waitFor();
		yield name;
	}
}
