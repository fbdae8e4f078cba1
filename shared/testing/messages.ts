import { createMessageBatch } from "cloudflare:test";
import { cloudflareCtx } from "../cloudflare.ts";
import type { Ctx } from "../context.ts";
import { shardedDatabases } from "../databases.ts";
import type { CustomerSnapshot, PartOfDay } from "../events/customer.ts";
import type { WorkerName } from "../events/topology.ts";
import { shardOf } from "../ids.ts";
import { newEvent } from "../messaging/envelope.ts";
import { testBindings } from "./bindings.ts";
import { newId, someCustomer, someTicket } from "./fixtures.ts";
import { sentTo, signAs } from "./forge.ts";

/** The ports of another Worker than the one under test, for what it would send now. It has no databases here. */
export const neighbour = (worker: WorkerName): Ctx =>
	cloudflareCtx(worker, testBindings(worker), shardedDatabases(new Map()), { waitUntil() {} });

/** One batch of signed messages, as a queue hands it to a Worker. */
export function batchOf(queue: string, bodies: readonly string[]): MessageBatch {
	const messages = bodies.map((body) => ({ id: crypto.randomUUID(), timestamp: new Date(), attempts: 1, body }));
	return createMessageBatch(queue, messages);
}

/** The receipts of one Worker for these events of the customer Worker: accepted, or rejected for this reason. */
export function receiptsFrom(source: Ctx, ids: readonly string[], reason?: string): Promise<string> {
	const verdict = reason === undefined ? { verdict: "accepted" } : { verdict: "rejected", reason };
	const receipts = ids.map((id) => ({ id, correlationId: source.correlationId, traceparent: source.traceparent, ...verdict }));
	const event = newEvent(source, "00", { type: "EventsReceived", data: { receipts } });
	return signAs(source.worker, event, sentTo("customer", source.now()));
}

/** An event of the customer Worker about one of `subject`'s tickets, on its way to sysops. */
function customerEvent(type: string, subject: string, data: object): Promise<string> {
	const source = neighbour("customer");
	const event = newEvent(source, shardOf(subject), { type, subject, data });
	return signAs("customer", event, sentTo("sysops", source.now()));
}

export const ticketSubmitted = (
	customerId: string,
	ticketId: string,
	submittedAt = Date.now(),
	customer: CustomerSnapshot = someCustomer,
) =>
	customerEvent("TicketSubmitted", customerId, {
		...someTicket,
		ticketId,
		submittedAt,
		availability: ["morning", "evening"] satisfies PartOfDay[],
		customer,
	});

export const ticketCommented = (customerId: string, ticketId: string, text: string, commentedAt = Date.now()) =>
	customerEvent("TicketCommented", customerId, { ticketId, commentId: newId("cmt", shardOf(customerId)), commentedAt, text });

export const cancellationRequested = (customerId: string, ticketId: string, requestedAt = Date.now()) =>
	customerEvent("TicketCancellationRequested", customerId, { ticketId, requestedAt });

export const reopenRequested = (customerId: string, ticketId: string, resolution = 1, requestedAt = Date.now()) => {
	const commentId = newId("cmt", shardOf(customerId));
	return customerEvent("TicketReopenRequested", customerId, { ticketId, requestedAt, resolution, commentId, text: "Again." });
};

/** A versioned event of the customer Worker on its way to billing. */
export function toBilling(
	type: "PlanChanged" | "CustomerChanged",
	subject: string,
	version: number,
	data: object,
): Promise<string> {
	const source = neighbour("customer");
	const event = newEvent(source, shardOf(subject), { type, subject, version, data });
	return signAs("customer", event, sentTo("billing", source.now()));
}
