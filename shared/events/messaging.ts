import * as v from "valibot";
import { idPattern } from "../ids.ts";

export const eventId = v.pipe(v.string(), v.regex(idPattern("evt")));

/** Of the event, so that the logs lead from a request to its last receipt. */
const traces = { correlationId: v.string(), traceparent: v.optional(v.string(), "") };

/** What became of one event at one destination. */
export const Receipt = v.variant("verdict", [
	v.object({ verdict: v.literal("accepted"), id: eventId, ...traces }),
	v.object({ verdict: v.literal("rejected"), id: eventId, ...traces, reason: v.string() }),
]);
export type Receipt = v.InferOutput<typeof Receipt>;

/** A consumer has stored its verdict on these events. Has no outbox row and no receipt: a lost one is asked for again. */
export const EventsReceived = v.object({ receipts: v.pipe(v.array(Receipt), v.minLength(1), v.maxLength(100)) });
export type EventsReceived = v.InferOutput<typeof EventsReceived>;

/** Its type: it goes from every consumer to every producer that it hears, so it stands in no topology. */
export const eventsReceived = "EventsReceived";
