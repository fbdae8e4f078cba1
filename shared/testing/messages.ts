import { createJwsSigner } from "../crypto/jws-signer.ts";
import type { WorkerName } from "../events/topology.ts";
import { type IdPrefix, idOf, type Shard, shardOf } from "../ids.ts";
import { publicKeys, signingKey } from "./bindings.ts";

const random = () => crypto.getRandomValues(new Uint8Array(16));
export const newId = (prefix: IdPrefix, shard: Shard) => idOf(prefix, shard, random());

/** A message as it lies in a queue: an event that `source` has signed for `audience`. */
async function messageFrom(source: WorkerName, audience: WorkerName, event: object) {
	const signer = createJwsSigner(signingKey(source), publicKeys);
	const body = await signer.sign(JSON.stringify(event), { audience, issuedAt: Math.floor(Date.now() / 1000) });
	return { id: crypto.randomUUID(), timestamp: new Date(), attempts: 1, body };
}

const common = () => ({
	specversion: "1.0",
	time: new Date().toISOString(),
	correlationid: newId("req", "00"),
	traceparent: "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
});

/** What `consumer` says of these events of the customer Worker. */
export function receiptsFrom(consumer: WorkerName, ids: readonly string[], verdict: "accepted" | "rejected" = "accepted") {
	const reason = verdict === "rejected" ? { reason: "schema" } : {};
	const receipts = ids.map((id) => ({ verdict, id, correlationId: newId("req", "00"), ...reason }));
	return messageFrom(consumer, "customer", {
		...common(),
		id: newId("evt", "00"),
		source: consumer,
		type: "EventsReceived",
		dataschema: "urn:sysops-squad:EventsReceived:1",
		data: { receipts },
	});
}

/** An event of the customer Worker about one of `customerId`'s tickets, on its way to sysops. */
function customerEvent(type: string, customerId: string, data: object) {
	return messageFrom("customer", "sysops", {
		...common(),
		id: newId("evt", shardOf(customerId)),
		source: "customer",
		type,
		subject: customerId,
		dataschema: `urn:sysops-squad:${type}:1`,
		data,
	});
}

export const someCustomer = {
	name: "Ada Example",
	street: "1 Analytical Way",
	postalCode: "N1 9GU",
	city: "London",
	country: "GB",
	region: "london",
	phone: "+44 20 7946 0000",
};
export const someTicket = { device: "Television", category: "television", priority: "normal", text: "It stays dark." };

export const ticketSubmitted = (customerId: string, ticketId: string, submittedAt = Date.now()) =>
	customerEvent("TicketSubmitted", customerId, { ...someTicket, ticketId, submittedAt, customer: someCustomer });

export const ticketCommented = (customerId: string, ticketId: string, text: string, commentedAt = Date.now()) =>
	customerEvent("TicketCommented", customerId, { ticketId, commentId: newId("cmt", shardOf(customerId)), commentedAt, text });

export const cancellationRequested = (customerId: string, ticketId: string, requestedAt = Date.now()) =>
	customerEvent("TicketCancellationRequested", customerId, { ticketId, requestedAt });
