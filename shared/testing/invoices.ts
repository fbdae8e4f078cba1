import type { Invoice } from "../events/billing.ts";
import { idOf, type Shard } from "../ids.ts";

/** Of no time of day that is the beginning of one: most plans begin in the middle. */
export const somePeriod = { from: Date.UTC(2026, 9, 23, 9, 30), to: Date.UTC(2026, 10, 23, 9, 30) };

const someSeller = {
	name: "Penultimate Electronics",
	street: "1 Repair Way",
	postalCode: "10115",
	city: "Berlin",
	country: "DE",
	taxId: "DE000000000",
	email: "billing@penultimate.example",
};

const someBuyer = {
	name: "Ada Example",
	street: "1 Analytical Way",
	postalCode: "N1 9GU",
	city: "London",
	country: "GB",
	email: "ada@customer.example",
};

/** An invoice of one contract, with 19 % of tax; another one at each call. */
export function someInvoice(shard: Shard, change: Partial<Invoice> = {}): Invoice {
	return {
		invoiceId: idOf("inv", shard, crypto.getRandomValues(new Uint8Array(16))),
		kind: "invoice",
		number: `INV-${shard}-000123`,
		issuedAt: Date.UTC(2026, 9, 24, 10),
		seller: someSeller,
		buyer: someBuyer,
		period: somePeriod,
		lines: [{ kind: "contract", text: "Television care", period: somePeriod, amountMinor: 1000 }],
		currency: "EUR",
		netMinor: 1000,
		tax: { region: "south", basisPoints: 1900, amountMinor: 190 },
		totalMinor: 1190,
		card: { brand: "visa", last4: "4242" },
		corrects: null,
		language: "en",
		...change,
	};
}

/** The credit note of half an invoice. */
export const someCreditNote = (shard: Shard, { invoiceId, number }: Invoice, change: Partial<Invoice> = {}): Invoice =>
	someInvoice(shard, {
		kind: "credit_note",
		number: `CRN-${shard}-000007`,
		issuedAt: Date.UTC(2026, 9, 30, 10),
		lines: [{ kind: "refund", text: "The second television was not ours to look after", period: somePeriod, amountMinor: 500 }],
		netMinor: 500,
		tax: { region: "south", basisPoints: 1900, amountMinor: 95 },
		totalMinor: 595,
		corrects: { invoiceId, number },
		...change,
	});

/** As long as they get: the most contracts that a plan has, each changed late in one of the months before. */
export function longInvoice(shard: Shard, change: Partial<Invoice> = {}): Invoice {
	const contracts = Array.from({ length: 20 }, (_, i) => ({
		kind: "contract" as const,
		text: `Care for the washing machine in apartment ${i + 1}`,
		period: somePeriod,
		amountMinor: 1000 + i,
	}));
	const adjustments = Array.from({ length: 13 }, (_, i) => ({
		kind: "adjustment" as const,
		text: "Your plan was changed after this period was charged",
		period: { from: Date.UTC(2026, 8 - i, 23, 9, 30), to: Date.UTC(2026, 9 - i, 23, 9, 30) },
		amountMinor: i % 2 ? 300 : -300,
	}));
	const lines = [...contracts, ...adjustments];
	const netMinor = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
	const tax = { region: "south", basisPoints: 1900, amountMinor: Math.round((netMinor * 19) / 100) };
	return someInvoice(shard, { lines, netMinor, tax, totalMinor: netMinor + tax.amountMinor, ...change });
}
