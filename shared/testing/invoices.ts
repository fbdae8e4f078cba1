import type { Database } from "../context.ts";
import type { Invoice } from "../events/billing.ts";
import { shardOf } from "../ids.ts";
import { newId } from "./fixtures.ts";

const period = { from: Date.UTC(2026, 9, 1), to: Date.UTC(2026, 10, 1) };
const address = { street: "1 Analytical Way", postalCode: "N1 9GU", city: "London", country: "GB" };

/** An invoice of one line, with a number of its own. */
export function someInvoice(invoiceId: string, number = 1): Invoice {
	return {
		invoiceId,
		kind: "invoice",
		number: `INV-${shardOf(invoiceId)}-${`${number}`.padStart(6, "0")}`,
		issuedAt: period.from + 86_400_000,
		seller: { ...address, name: "Penultimate Electronics", taxId: "DE000000000", email: "billing@penultimate.example" },
		buyer: { ...address, name: "Ada Example", email: "ada@example.test" },
		period,
		lines: [{ kind: "contract", text: "Television care", period, amountMinor: 1990 }],
		currency: "EUR",
		netMinor: 1990,
		tax: { region: "london", basisPoints: 0, amountMinor: 0 },
		totalMinor: 1990,
		card: { brand: "visa", last4: "4242" },
		corrects: null,
		language: "en",
	};
}

interface GivenDelivery {
	readonly invoiceId?: string;
	readonly number?: number;
	readonly createdAt?: number;
	readonly checkedAt?: number;
	readonly rejectedReason?: string;
}

/** An invoice that was issued, with its delivery, as the payment job leaves them. Gives their ids. */
export async function givenDelivery(database: Database, given: GivenDelivery = {}) {
	const { invoiceId = newId("inv", "00"), number = 1, createdAt = period.from, rejectedReason = null } = given;
	const { checkedAt = createdAt } = given;
	const customerId = newId("cus", shardOf(invoiceId));
	const document = someInvoice(invoiceId, number);
	const eventId = `evt_${invoiceId.slice(4)}`;
	const invoice = [invoiceId, number, customerId, document.issuedAt, `att_${invoiceId.slice(4)}`, JSON.stringify(document)];
	await database.batch([
		database
			.prepare(
				`insert into invoices (invoice_id, kind, number, customer_id, issued_at, payment_id, document, currency, total_minor, run)
				values (?, 'invoice', ?, ?, ?, ?, ?, 'EUR', 1990, '')`,
			)
			.bind(...invoice),
		database
			.prepare("insert into deliveries (invoice_id, event_id, created_at, checked_at, rejected_reason) values (?, ?, ?, ?, ?)")
			.bind(invoiceId, eventId, createdAt, checkedAt, rejectedReason),
	]);
	return { invoiceId, eventId, customerId, document };
}
