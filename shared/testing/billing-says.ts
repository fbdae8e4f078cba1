import { createExecutionContext, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Invoice, PaymentFailed, PaymentRecovered } from "../events/billing.ts";
import { shardOf } from "../ids.ts";
import { newEvent } from "../messaging/envelope.ts";
import { sentTo, signAs } from "./forge.ts";
import { somePeriod } from "./invoices.ts";
import { batchOf, neighbour } from "./messages.ts";

/** What billing says of invoices and payments, on its way to the customer Worker. */

export const invoiceIssued = (subject: string, invoice: Invoice) => fromBilling("InvoiceIssued", subject, invoice);

type Change<Event> = Partial<Event> & { version?: number };

/** Without a version: of now. */
export function paymentFailed(subject: string, { version = Date.now(), ...change }: Change<PaymentFailed> = {}) {
	const data: PaymentFailed = {
		period: somePeriod,
		amountMinor: 1190,
		currency: "EUR",
		reason: "insufficient_funds",
		nextAttemptAt: Date.UTC(2026, 9, 27, 9, 30),
		failedAt: Date.now(),
		...change,
	};
	return fromBilling("PaymentFailed", subject, data, version);
}

/** Without a version: of now. */
export function paymentRecovered(subject: string, { version = Date.now(), ...change }: Change<PaymentRecovered> = {}) {
	const data: PaymentRecovered = { period: somePeriod, amountMinor: 1190, currency: "EUR", recoveredAt: Date.now(), ...change };
	return fromBilling("PaymentRecovered", subject, data, version);
}

function fromBilling(type: string, subject: string, data: object, version?: number): Promise<string> {
	const source = neighbour("billing");
	const event = newEvent(source, shardOf(subject), { type, subject, data, ...(version === undefined ? {} : { version }) });
	return signAs("billing", event, sentTo("customer", source.now()));
}

interface Worker {
	queue(batch: MessageBatch, env: Cloudflare.Env, execution: ExecutionContext): Promise<void>;
}

/** Hands them to the customer Worker in one batch: a queue is not looked at by what is in it. */
export async function bringFromBilling(worker: Worker, ...messages: (string | Promise<string>)[]) {
	const batch = batchOf("billing-updates", await Promise.all(messages));
	const execution = createExecutionContext();
	await worker.queue(batch, env, execution);
	return getQueueResult(batch, execution);
}
