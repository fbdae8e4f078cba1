import type { Database } from "../context.ts";
import type { WorkerName } from "../events/topology.ts";
import { shardOf } from "../ids.ts";
import { newEvent } from "../messaging/envelope.ts";
import { newId } from "./fixtures.ts";
import { sentTo, signAs } from "./forge.ts";
import { someInvoice } from "./invoices.ts";
import { neighbour } from "./messages.ts";

interface GivenDelivery {
	readonly invoiceId?: string;
	readonly number?: number;
	readonly createdAt?: number;
	readonly checkedAt?: number;
	readonly rejectedReason?: string;
}

/** An invoice that was issued, with its delivery, as the payment job leaves them. Gives their ids. */
export async function givenDelivery(database: Database, given: GivenDelivery = {}) {
	const { invoiceId = newId("inv", "00"), number = 1, createdAt = Date.UTC(2026, 9, 1), rejectedReason = null } = given;
	const { checkedAt = createdAt } = given;
	const shard = shardOf(invoiceId);
	const customerId = newId("cus", shard);
	const document = someInvoice(shard, { invoiceId, number: `INV-${shard}-${`${number}`.padStart(6, "0")}` });
	const eventId = `evt_${invoiceId.slice(4)}`;
	const invoice = [
		invoiceId,
		number,
		customerId,
		document.issuedAt,
		`att_${invoiceId.slice(4)}`,
		JSON.stringify(document),
		document.totalMinor,
	];
	await database.batch([
		database
			.prepare(
				`insert into invoices (invoice_id, kind, number, customer_id, issued_at, payment_id, document, currency, total_minor, run)
				values (?, 'invoice', ?, ?, ?, ?, ?, 'EUR', ?, '')`,
			)
			.bind(...invoice),
		database
			.prepare("insert into deliveries (invoice_id, event_id, created_at, checked_at, rejected_reason) values (?, ?, ?, ?, ?)")
			.bind(invoiceId, eventId, createdAt, checkedAt, rejectedReason),
	]);
	return { invoiceId, eventId, customerId, document };
}

/** Receipts for events of billing: accepted, or rejected for this reason. */
export function receiptOf(eventIds: readonly string[], reason?: string, from: WorkerName = "customer"): Promise<string> {
	const source = neighbour(from);
	const verdict = reason === undefined ? { verdict: "accepted" } : { verdict: "rejected", reason };
	const { correlationId, traceparent } = source;
	const receipts = eventIds.map((id) => ({ id, correlationId, traceparent, ...verdict }));
	return signAs(from, newEvent(source, "00", { type: "EventsReceived", data: { receipts } }), sentTo("billing", source.now()));
}
