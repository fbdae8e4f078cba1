import { byteLength, packed, toHex } from "../bytes.ts";
import type { Ctx } from "../context.ts";
import type { Receipt } from "../events/messaging.ts";
import type { Shard } from "../ids.ts";
import { describeError, traceIdOf } from "../log.ts";
import { prepare, sql } from "../sql.ts";
import { bisect } from "./bisect.ts";
import type { Consumption, Examine } from "./consumption.ts";
import { type Effect, type Row, sendEmitted, withDrafts } from "./effects.ts";
import type { CloudEvent } from "./envelope.ts";
import { sendReceipts } from "./receipts.ts";

/** An opened message and how its queue is told. */
export interface Arrival {
	readonly event: CloudEvent<object>;
	readonly rejected?: string;
	/** What its consumption's `examine` has found. */
	readonly examined?: object;
	ack(): void;
	retry(): void;
}

/** A value bound in D1 has at most 2 MB; half of that leaves room for what JSON adds. */
const mostAtOnce = { bytes: 1_000_000, count: 1000 };

/**
 * Stores a queue batch: one D1 batch for each shard present (and each 1 MB). Types are taken in the order of
 * `consumptions`, so that a ticket comes before its comments. Only what the database did not take is retried.
 */
export async function receive<OwnCtx extends Ctx>(
	ctx: OwnCtx,
	consumptions: readonly Consumption<OwnCtx>[],
	arrivals: readonly Arrival[],
): Promise<void> {
	for (const [shard, group] of byShard(ctx, await examineAll(ctx, consumptions, arrivals))) {
		for (const chunk of packed(group, ({ event, examined }) => byteLength(JSON.stringify({ event, examined })), mostAtOnce)) {
			const database = ctx.databases.get(shard);
			const work = async (some: readonly Arrival[]) => {
				await confirm(ctx, some, await store(ctx, shard, consumptions, some));
				for (const arrival of some) arrival.ack();
			};
			await bisect(database, chunk, work, (some, why, error) => {
				const one = why === "poison" ? { eventId: some[0]?.event.id, eventType: some[0]?.event.type } : {};
				ctx.log.alarm("events_not_stored", { shard, reason: why, count: some.length, error: describeError(error), ...one });
				for (const arrival of some) arrival.retry();
			});
		}
	}
}

/** With what is found out of those of which SQL alone could not tell. What cannot be examined now disturbs no other message. */
async function examineAll<OwnCtx extends Ctx>(
	ctx: OwnCtx,
	consumptions: readonly Consumption<OwnCtx>[],
	arrivals: readonly Arrival[],
): Promise<readonly Arrival[]> {
	const examiners = new Map<string, Examine<OwnCtx> | undefined>(consumptions.map(({ type, examine }) => [type, examine]));
	const withFound = async (arrival: Arrival): Promise<Arrival[]> => {
		const { event, rejected } = arrival;
		const examine = examiners.get(event.type);
		if (!examine || rejected !== undefined) return [arrival];
		try {
			const found: Promise<object> = examine(ctx, event); // may throw at once
			return [{ ...arrival, examined: await found }];
		} catch (error) {
			ctx.log.alarm("event_not_examined", { eventId: event.id, eventType: event.type, error: describeError(error) });
			arrival.retry();
			return [];
		}
	};
	return (await Promise.all(arrivals.map(withFound))).flat();
}

function byShard(ctx: Ctx, arrivals: readonly Arrival[]): Map<Shard, Arrival[]> {
	const groups = Map.groupBy(arrivals, ({ event: { subject } }) =>
		subject === undefined ? ctx.databases.shards[0] : ctx.databases.locate(subject),
	);
	for (const { event, ack } of groups.get(undefined) ?? []) {
		// A shard that is not deployed here yet: it comes again.
		ctx.log.alarm("unknown_shard", { eventId: event.id, eventType: event.type });
		ack();
	}
	groups.delete(undefined);
	return groups as Map<Shard, Arrival[]>; // the only key without a shard is gone
}

interface Verdict {
	source: string;
	id: string;
	verdict: "accepted" | "rejected";
	reason: string | null;
	/** 1 when this run stored it. */
	fresh: number;
}

const readVerdicts = sql(`
	select inbox.source, inbox.id, verdict, reason, run is :run as fresh
	from json_each(:ids) as m cross join inbox on inbox.source = m.value->>'$.source' and inbox.id = m.value->>'$.id'`);

async function store(
	ctx: Ctx,
	shard: Shard,
	consumptions: readonly Pick<Consumption, "type" | "admit" | "effects" | "newestOf">[],
	arrivals: readonly Arrival[],
): Promise<readonly Verdict[]> {
	const database = ctx.databases.get(shard);
	const run = toHex(ctx.randomBytes(8));
	const distinct = [...new Map(arrivals.map((arrival) => [key(arrival.event), arrival])).values()];
	const effects: Effect[] = [];
	const statements: D1PreparedStatement[] = [];
	for (const consumption of consumptions) {
		const ofType = distinct.filter(({ event }) => event.type === consumption.type);
		if (ofType.length === 0) continue;
		const rows = messages(ofType, consumption.newestOf).map((row) => withDrafts(ctx, shard, consumption.effects, row));
		const params = { run, now: ctx.now(), messages: JSON.stringify(rows) };
		const all = [{ statement: consumption.admit, emits: undefined }, ...consumption.effects];
		effects.push(...all);
		statements.push(...all.map(({ statement }) => prepare(database, statement, params)));
	}
	const ids = JSON.stringify(distinct.map(({ event: { source, id } }) => ({ source, id })));
	const results = await database.batch<Verdict>([...statements, prepare(database, readVerdicts, { run, ids })]);
	sendEmitted(ctx, effects, results);
	return results.at(-1)?.results ?? [];
}

const key = (event: { source: string; id: string }) => `${event.source} ${event.id}`;

/** What the SQL reads of each message. Of versioned events about one thing only the newest is to take effect. */
function messages(arrivals: readonly Arrival[], newestOf: Consumption["newestOf"]): Row[] {
	const newest = new Map<string, CloudEvent<object>>();
	if (newestOf) {
		for (const { event, rejected } of arrivals) {
			if (rejected !== undefined || event.version === undefined) continue;
			const other = newest.get(newestOf(event));
			if (!other || Number(event.version) > Number(other.version)) newest.set(newestOf(event), event);
		}
	}
	return arrivals.map(
		({ event: { source, id, subject, version, data, correlationid, traceparent }, event, rejected, examined }) => {
			const cause = { correlationid, traceparent };
			if (newestOf && version === undefined) return { source, id, subject, cause, rejected: rejected ?? "schema" };
			const superseded = newestOf && rejected === undefined && newest.get(newestOf(event)) !== event ? 1 : undefined;
			return { source, id, subject, cause, version, data, rejected, superseded, examined };
		},
	);
}

/** Confirms what is stored, now or before. What is deferred has no verdict and no receipt. */
async function confirm(ctx: Ctx, arrivals: readonly Arrival[], verdicts: readonly Verdict[]): Promise<void> {
	const known = new Map(verdicts.map((verdict) => [key(verdict), verdict]));
	const receipts = new Map<string, Receipt[]>();
	for (const { event } of arrivals) {
		const { id, source, type, correlationid: correlationId, traceparent } = event;
		const verdict = known.get(key(event));
		const fields = { eventId: id, eventType: type, source, correlationId, traceId: traceIdOf(traceparent) };
		if (!verdict) {
			ctx.log.info("event_deferred", fields);
			continue;
		}
		const receipt: Receipt =
			verdict.verdict === "accepted"
				? { verdict: "accepted", id, correlationId, traceparent }
				: { verdict: "rejected", id, correlationId, traceparent, reason: verdict.reason ?? "unknown" };
		receipts.set(source, [...(receipts.get(source) ?? []), receipt]);
		const stored = receipt.verdict === "rejected" ? "event_rejected" : verdict.fresh ? "event_stored" : "event_without_effect";
		ctx.log.info(stored, fields);
	}
	for (const [source, ofSource] of receipts) await sendReceipts(ctx, source, ofSource);
}
