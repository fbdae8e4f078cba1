import { createJwsSigner } from "../crypto/jws-signer.ts";
import type { WorkerName } from "../events/topology.ts";
import { idOf } from "../ids.ts";
import { publicKeys, signingKey } from "./bindings.ts";

const random = () => crypto.getRandomValues(new Uint8Array(16));

/** A message as it lies in a queue: an event that `source` has signed for `audience`. */
export async function messageFrom(source: WorkerName, audience: WorkerName, event: object) {
	const signer = createJwsSigner(signingKey(source), publicKeys);
	const body = await signer.sign(JSON.stringify(event), { audience, issuedAt: Math.floor(Date.now() / 1000) });
	return { id: crypto.randomUUID(), timestamp: new Date(), attempts: 1, body };
}

const common = () => ({
	specversion: "1.0",
	time: new Date().toISOString(),
	correlationid: idOf("req", "00", random()),
	traceparent: "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
});

/** What `consumer` says of these events of the customer Worker. */
export function receiptsFrom(consumer: WorkerName, ids: readonly string[], verdict: "accepted" | "rejected" = "accepted") {
	const reason = verdict === "rejected" ? { reason: "schema" } : {};
	const receipts = ids.map((id) => ({ verdict, id, correlationId: idOf("req", "00", random()), ...reason }));
	return messageFrom(consumer, "customer", {
		...common(),
		id: idOf("evt", "00", random()),
		source: consumer,
		type: "EventsReceived",
		dataschema: "urn:sysops-squad:EventsReceived:1",
		data: { receipts },
	});
}
