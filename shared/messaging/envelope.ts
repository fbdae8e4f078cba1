import * as v from "valibot";
import type { Ctx } from "../context.ts";
import { eventId } from "../events/messaging.ts";
import type { EventDefinition, WorkerName } from "../events/topology.ts";
import { idOf, idPattern, type Shard, timeOrdered } from "../ids.ts";

/** The attributes of CloudEvents 1.0 that are used here; `subject` is the customer, if it is about one. */
const CloudEvent = v.object({
	specversion: v.literal("1.0"),
	id: eventId,
	source: v.string(),
	type: v.string(),
	subject: v.optional(v.pipe(v.string(), v.regex(idPattern("cus")))),
	time: v.pipe(v.string(), v.isoTimestamp()),
	dataschema: v.string(),
	/** Of the thing that a versioned event is about, in decimal: CloudEvents' own integers end at 2³¹. */
	version: v.optional(v.pipe(v.string(), v.regex(/^\d{1,16}$/))),
	correlationid: v.pipe(v.string(), v.maxLength(64)),
	traceparent: v.pipe(v.string(), v.maxLength(64)),
	data: v.unknown(),
});
export type CloudEvent<Data = unknown> = Omit<v.InferOutput<typeof CloudEvent>, "data"> & { data: Data };

/** The type and version of an event's data as a URI (RFC 8141). */
export const dataSchemaUri = (type: string, version: number) => `urn:sysops-squad:${type}:${version}`;

/** The event that an event follows from: its traces lead on. */
export type Cause = Pick<CloudEvent, "correlationid" | "traceparent">;

/**
 * A new unsigned event of this Worker, in the version that the topology says is sent. `at` is when it happened, in
 * milliseconds since 1970; now unless told.
 */
export function newEvent<Data>(
	ctx: Ctx,
	shard: Shard,
	about: { type: string; subject?: string | undefined; version?: number; data: Data; at?: number; cause?: Cause | undefined },
): CloudEvent<Data> {
	const { type, subject, version, data, at = ctx.now(), cause } = about;
	return {
		specversion: "1.0",
		id: idOf("evt", shard, timeOrdered(at, ctx.randomBytes(10))), // so its receipts find the shard of its outbox
		source: ctx.worker,
		type,
		...(subject === undefined ? {} : { subject }),
		time: new Date(at).toISOString(),
		dataschema: dataSchemaUri(type, ctx.topology.events[type]?.version ?? 1),
		...(version === undefined ? {} : { version: String(version) }),
		correlationid: cause?.correlationid ?? ctx.correlationId,
		traceparent: cause?.traceparent ?? ctx.traceparent,
		data,
	};
}

/** Signs an event for one destination as of now. */
export function seal(ctx: Ctx, event: string, destination: WorkerName): Promise<string> {
	return ctx.signer.sign(event, { audience: destination, issuedAt: Math.floor(ctx.now() / 1000) });
}

/** What an event has to say before anything can be said about it. */
const Names = v.object({ id: eventId, source: v.string(), type: v.string() });
export type Names = v.InferOutput<typeof Names>;

export function parseNames(payload: string): Names | undefined {
	const parsed = v.safeParse(Names, parseJson(payload));
	return parsed.success ? parsed.output : undefined;
}

export function parseEvent(payload: string): CloudEvent | undefined {
	const parsed = v.safeParse(CloudEvent, parseJson(payload));
	return parsed.success ? parsed.output : undefined;
}

export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** Today's data of an event, `unknown_version` before the schema is deployed here, or `invalid`. */
export function parseData(
	definition: Pick<EventDefinition, "schemas">,
	event: CloudEvent,
): { data: object } | "unknown_version" | "invalid" {
	const version = Object.keys(definition.schemas).find((known) => dataSchemaUri(event.type, Number(known)) === event.dataschema);
	const schema = version === undefined ? undefined : definition.schemas[Number(version)];
	if (!schema) return "unknown_version";
	const parsed = v.safeParse(schema, event.data);
	return parsed.success ? { data: parsed.output } : "invalid";
}
