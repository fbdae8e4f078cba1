import type { Ctx, Database } from "../context.ts";
import type { Receipt } from "../events/messaging.ts";
import type { Shard } from "../ids.ts";
import { describeError } from "../log.ts";
import { prepare, type Statement, sql } from "../sql.ts";
import { byteLength, type CloudEvent } from "./envelope.ts";
import { sendReceipts } from "./receipts.ts";

/** What a consumer does with one type of event. All SQL sees the batch's messages of this type as `m.value`. */
export interface Consumption {
	readonly type: string;
	readonly admit: Statement;
	readonly effects: readonly Statement[];
	readonly newestOf: ((event: CloudEvent<object>) => string) | undefined;
}

/** The messages that this run admits, as `m.value`: what every effect reads, so that a repetition has none. */
export const admitted = `json_each(:messages) as m cross join inbox
	on inbox.source = m.value->>'$.source' and inbox.id = m.value->>'$.id' and inbox.run = :run`;

/** While an event keeps coming, its inbox row is kept: it is forgotten 60 days after the last time, not the first. */
const day = 86_400_000;

const erased = "exists (select 1 from erased_customers where customer_id = m.value->>'$.subject')";

/**
 * Describes the consumption of one type of event, once at module level.
 *
 * `deferWhile`: true while the message refers to something that is not known here yet; it leaves no trace and comes
 * again. `rejectWhen`: gives the reason why it can never be accepted, or null. `effects`: set-based statements over
 * `admitted` with `:messages`, `:run` and `:now`. `newestOf`: for versioned events, what they are about; of several
 * in one batch only the newest takes effect.
 */
export function consumption(
	type: string,
	{
		deferWhile = "false",
		rejectWhen = "null",
		effects,
		newestOf,
	}: { deferWhile?: string; rejectWhen?: string; effects: readonly string[]; newestOf?: Consumption["newestOf"] },
): Consumption {
	const admit = sql(`
		insert into inbox (source, id, run, verdict, reason, received_at)
		select source, id, iif(reason is null and applies, :run, null), iif(reason is null, 'accepted', 'rejected'), reason, :now
		from (
			select m.value->>'$.source' as source, m.value->>'$.id' as id,
				not (${erased}) and m.value->>'$.superseded' is null as applies,
				coalesce(m.value->>'$.rejected', iif(${erased}, null, ${rejectWhen})) as reason
			from json_each(:messages) as m
			where m.value->>'$.rejected' is not null or ${erased} or not (${deferWhile}))
		where true
		on conflict do update set received_at = excluded.received_at
		where received_at < excluded.received_at - ${day}`);
	return { type, admit, effects: effects.map(sql), newestOf };
}

/** An opened message and how its queue is told. */
export interface Arrival {
	readonly event: CloudEvent<object>;
	readonly rejected?: string;
	ack(): void;
	retry(): void;
}

/** A value bound in D1 has at most 2 MB; half of that leaves room for what JSON adds. */
const mostBytes = 1_000_000;

/**
 * Stores a queue batch: one D1 batch for each shard present (and each 1 MB). Types are taken in the order of
 * `consumptions`, so that a ticket comes before its comments. Only a failing database makes the queue retry.
 */
export async function receive(ctx: Ctx, consumptions: readonly Consumption[], arrivals: readonly Arrival[]): Promise<void> {
	for (const [shard, group] of byShard(ctx, arrivals)) {
		for (const chunk of chunks(group)) {
			await storeOrBisect(ctx, ctx.databases.get(shard), consumptions, chunk);
		}
	}
}

function byShard(ctx: Ctx, arrivals: readonly Arrival[]): Map<Shard, Arrival[]> {
	const groups = Map.groupBy(arrivals, ({ event: { subject } }) =>
		subject === undefined ? "00" : ctx.databases.locate(subject),
	);
	for (const { event, ack } of groups.get(undefined) ?? []) {
		// A shard that is not deployed here yet: it comes again.
		ctx.log.alarm("unknown_shard", { eventId: event.id, eventType: event.type });
		ack();
	}
	groups.delete(undefined);
	return groups as Map<Shard, Arrival[]>; // the only key without a shard is gone
}

function chunks(arrivals: readonly Arrival[]): Arrival[][] {
	const all: Arrival[][] = [];
	let bytes = Infinity;
	for (const arrival of arrivals) {
		const size = byteLength(JSON.stringify(arrival.event));
		const chunk = all.at(-1);
		if (chunk && bytes + size <= mostBytes) {
			chunk.push(arrival);
			bytes += size;
		} else {
			all.push([arrival]);
			bytes = size;
		}
	}
	return all;
}

/** If the database refuses a batch but still answers, halves are tried, down to the message that it refuses. */
async function storeOrBisect(
	ctx: Ctx,
	database: Database,
	consumptions: readonly Consumption[],
	arrivals: readonly Arrival[],
): Promise<void> {
	let verdicts: readonly Verdict[];
	try {
		verdicts = await store(ctx, database, consumptions, arrivals);
	} catch (error) {
		const [first] = arrivals;
		if (arrivals.length === 1 && first) {
			ctx.log.alarm("event_not_stored", { eventId: first.event.id, eventType: first.event.type, error: describeError(error) });
			first.retry();
		} else if (await answers(database)) {
			const half = Math.ceil(arrivals.length / 2);
			await storeOrBisect(ctx, database, consumptions, arrivals.slice(0, half));
			await storeOrBisect(ctx, database, consumptions, arrivals.slice(half));
		} else {
			ctx.log.alarm("database_unavailable", { count: arrivals.length, error: describeError(error) });
			for (const arrival of arrivals) arrival.retry();
		}
		return;
	}
	await confirm(ctx, arrivals, verdicts);
	for (const arrival of arrivals) arrival.ack();
}

async function answers(database: Database): Promise<boolean> {
	try {
		await database.prepare("select 1").all();
		return true;
	} catch {
		return false;
	}
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
	database: Database,
	consumptions: readonly Consumption[],
	arrivals: readonly Arrival[],
): Promise<readonly Verdict[]> {
	const run = Array.from(ctx.randomBytes(8), (byte) => byte.toString(16).padStart(2, "0")).join("");
	const distinct = [...new Map(arrivals.map((arrival) => [key(arrival.event), arrival])).values()];
	const statements: D1PreparedStatement[] = [];
	for (const { type, admit, effects, newestOf } of consumptions) {
		const ofType = distinct.filter(({ event }) => event.type === type);
		if (ofType.length === 0) continue;
		const params = { run, now: ctx.now(), messages: JSON.stringify(messages(ofType, newestOf)) };
		statements.push(...[admit, ...effects].map((statement) => prepare(database, statement, params)));
	}
	const ids = JSON.stringify(distinct.map(({ event: { source, id } }) => ({ source, id })));
	const results = await database.batch<Verdict>([...statements, prepare(database, readVerdicts, { run, ids })]);
	return results.at(-1)?.results ?? [];
}

const key = (event: { source: string; id: string }) => `${event.source} ${event.id}`;

/** What the SQL reads of each message. Of versioned events about one thing only the newest is to take effect. */
function messages(arrivals: readonly Arrival[], newestOf: Consumption["newestOf"]): object[] {
	const newest = new Map<string, CloudEvent<object>>();
	if (newestOf) {
		for (const { event, rejected } of arrivals) {
			if (rejected !== undefined || event.version === undefined) continue;
			const other = newest.get(newestOf(event));
			if (!other || Number(event.version) > Number(other.version)) newest.set(newestOf(event), event);
		}
	}
	return arrivals.map(({ event: { source, id, subject, version, data }, event, rejected }) => {
		if (newestOf && version === undefined) return { source, id, subject, rejected: rejected ?? "schema" };
		const superseded = newestOf && rejected === undefined && newest.get(newestOf(event)) !== event ? 1 : undefined;
		return { source, id, subject, version, data, rejected, superseded };
	});
}

/** Confirms what is stored, now or before. What is deferred has no verdict and no receipt. */
async function confirm(ctx: Ctx, arrivals: readonly Arrival[], verdicts: readonly Verdict[]): Promise<void> {
	const known = new Map(verdicts.map((verdict) => [key(verdict), verdict]));
	const receipts = new Map<string, Receipt[]>();
	for (const { event } of arrivals) {
		const { id, source, type, correlationid: correlationId } = event;
		const verdict = known.get(key(event));
		const fields = { eventId: id, eventType: type, source, correlationId, traceId: event.traceparent.split("-")[1] };
		if (!verdict) {
			ctx.log.info("event_deferred", fields);
			continue;
		}
		const receipt: Receipt =
			verdict.verdict === "accepted"
				? { verdict: "accepted", id, correlationId }
				: { verdict: "rejected", id, correlationId, reason: verdict.reason ?? "unknown" };
		receipts.set(source, [...(receipts.get(source) ?? []), receipt]);
		const stored = receipt.verdict === "rejected" ? "event_rejected" : verdict.fresh ? "event_stored" : "event_without_effect";
		ctx.log.info(stored, fields);
	}
	for (const [source, ofSource] of receipts) await sendReceipts(ctx, source, ofSource);
}
