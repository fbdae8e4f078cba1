import { byteLength, fromBase64Url } from "../bytes.ts";
import type { Ctx } from "../context.ts";
import { EventsReceived, eventsReceived } from "../events/messaging.ts";
import { type EventDefinition, isPermitted } from "../events/topology.ts";
import { days, minutes, seconds } from "../time.ts";
import { type CloudEvent, type Names, parseData, parseEvent, parseJson, parseNames } from "./envelope.ts";

/** Bytes. An unsigned event has at most 45 KB, a third more in base64url. */
const largestMessage = 64 * 1024;
/** Milliseconds. Keys stay known for 60 days after their retirement: nothing older than this is ever relied upon. */
const longestSendAge = 29 * days;
const clockSkew = 5 * minutes;

/** Not believed: somebody has to look. */
const notAuthentic = ["too_large", "malformed", "bad_signature", "wrong_source", "forbidden_type", "wrong_audience"] as const;
/** Not understood, or too old to be relied upon: it comes again, after the deploy or signed afresh. */
const notYet = ["unknown_key", "stale", "unknown_version"] as const;
export type RefusalReason = (typeof notAuthentic)[number] | (typeof notYet)[number];

export type Opened =
	/** `rejected`: authentic, and yet it can never be accepted. */
	| { kind: "event"; event: CloudEvent<object>; rejected?: "schema" }
	| { kind: "refused"; reason: RefusalReason; alarming: boolean };

/**
 * Decides what a message is worth, in this order: size, signature, may this source send this type here, audience, age
 * of the send, schema. Nothing that a refused message says is believed.
 */
export async function open(ctx: Ctx, body: unknown): Promise<Opened> {
	if (typeof body !== "string") return refused("malformed");
	if (byteLength(body) > largestMessage) return refused("too_large");

	const verified = await ctx.signer.verify(body);
	if ("failure" in verified) return refused(verified.failure);
	const named = parseNames(verified.payload);
	if (!named) return refused("malformed");
	if (named.source !== verified.source) return refused("wrong_source");

	if (!isPermitted(ctx.topology, named.source, named.type, ctx.worker)) return refused("forbidden_type");
	if (verified.audience !== ctx.worker) return refused("wrong_audience");

	const age = ctx.now() - verified.issuedAt * seconds;
	if (age > longestSendAge || age < -clockSkew) return refused("stale");

	const event = parseEvent(verified.payload);
	const isReceipt = named.type === eventsReceived;
	const definition: Pick<EventDefinition, "schemas" | "anonymous"> | undefined = isReceipt
		? { schemas: { 1: EventsReceived }, anonymous: true }
		: ctx.topology.events[named.type];
	if (!definition) return refused("forbidden_type");
	const parsed = event ? parseData(definition, event) : "invalid";
	if (parsed === "unknown_version") return refused(parsed);
	if (isReceipt && parsed === "invalid") return refused("malformed"); // receipts have no receipt
	const belongsNowhere = !definition.anonymous && event?.subject === undefined;
	if (!event || parsed === "invalid" || belongsNowhere)
		return { kind: "event", event: unusable(named, event), rejected: "schema" };
	return { kind: "event", event: { ...event, data: parsed.data } };
}

/** What is left of an authentic event that can never be accepted: enough to say so to its producer. */
function unusable(named: Names, event: CloudEvent | undefined): CloudEvent<object> {
	const blank = { specversion: "1.0", time: "", dataschema: "", correlationid: "", traceparent: "" } as const;
	return { ...blank, ...event, ...named, data: {} };
}

const refused = (reason: RefusalReason): Opened => ({
	kind: "refused",
	reason,
	alarming: notAuthentic.some((alarming) => alarming === reason),
});

/** What a message says of itself, for the tables of metadata: strings of a plain shape only, believed by nobody. */
export function claims(body: unknown): { bytes: number; id: string | null; source: string | null; type: string | null } {
	if (typeof body !== "string") return { bytes: 0, id: null, source: null, type: null };
	const plain = (value: unknown) => (typeof value === "string" && /^\w{1,64}$/.test(value) ? value : null);
	const payload = body.length > largestMessage ? undefined : decodePayload(body);
	const said: Record<string, unknown> = typeof payload === "object" && payload !== null ? { ...payload } : {};
	return { bytes: byteLength(body), id: plain(said["id"]), source: plain(said["source"]), type: plain(said["type"]) };
}

function decodePayload(token: string): unknown {
	try {
		return parseJson(fromBase64Url(token.split(".")[1] ?? ""));
	} catch {
		return undefined;
	}
}
