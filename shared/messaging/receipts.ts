import type { Ctx } from "../context.ts";
import { type EventsReceived, eventsReceived, type Receipt } from "../events/messaging.ts";
import { receiptQueue } from "../events/queues.ts";
import { isPermitted, type WorkerName } from "../events/topology.ts";
import type { Shard } from "../ids.ts";
import { describeError, traceIdOf } from "../log.ts";
import { prepare, type Statement, sql } from "../sql.ts";
import { bisect } from "./bisect.ts";
import { type CloudEvent, newEvent, seal } from "./envelope.ts";

/** As many as a queue hands over at once. */
const mostReceipts = 100;

/** Tells a producer the verdicts. Best effort: without a receipt the event comes again and is confirmed again. */
export async function sendReceipts(ctx: Ctx, source: string, receipts: readonly Receipt[]): Promise<void> {
	const producer = source as WorkerName; // the trust checks have found it in the topology
	const queue = receiptQueue(producer);
	try {
		for (let at = 0; at < receipts.length; at += mostReceipts) {
			const data: EventsReceived = { receipts: receipts.slice(at, at + mostReceipts) };
			const event = newEvent(ctx, "00", { type: eventsReceived, data });
			await ctx.queue(queue).send([await seal(ctx, JSON.stringify(event), producer)]);
		}
	} catch (error) {
		ctx.log.warn("receipts_not_sent", { queue, count: receipts.length, error: describeError(error) });
	}
}

/** What the producer does in the same batch when `destination` has accepted an event of this type. */
export interface ReceiptEffect {
	readonly type: string;
	readonly destination: WorkerName;
	readonly effect: Statement;
}

/**
 * The confirmed events of one type, as outbox rows `o` that are still there: what every `onReceipt` effect reads, so
 * that a repeated receipt, or one of somebody else's event, has none.
 */
const confirmed = `json_each(:receipts) as r cross join outbox as o
	on o.event_id = r.value->>'$.id' and o.destination = r.value->>'$.destination'
	and o.type = :type and o.destination = :destination and r.value->>'$.verdict' = 'accepted'`;

/** Describes such an effect, once at module level. It only ever moves forwards: never over a later status. */
export function onReceipt(type: string, destination: WorkerName, effect: (confirmed: string) => string): ReceiptEffect {
	return { type, destination, effect: sql(effect(confirmed)) };
}

/** A row that a receipt is about: what the log says of it. */
export interface SettledRow {
	event_id: string;
	type: string;
	destination: WorkerName;
	/** Null for what was accepted. */
	parked_reason: string | null;
}

/** A row of somebody else's event, with who has confirmed it. */
interface StrangerRow extends SettledRow {
	sender: string;
}

/**
 * Events that stand in a table of their producer's own instead of the outbox. Their receipts are settled there, in the batch of all
 * the others. Both statements see `:receipts`, JSON of `id`, `verdict`, `reason` and `destination`: who has sent it.
 */
export interface Keeper<OwnCtx extends Ctx = Ctx> {
	/** Gives those that are confirmed by somebody else than their destination: as `StrangerRow`s. */
	readonly strangers: Statement;
	/** Notes each verdict at `:now`, once, of its own destination only. Gives what it has changed: as `SettledRow`s. */
	readonly settle: Statement;
	/** After the commit. What fails there has to be done by somebody else later. */
	readonly settled: (ctx: OwnCtx, rows: readonly SettledRow[]) => Promise<unknown>;
}

/** What receipts do in a quantum. */
export interface ReceiptRules<OwnCtx extends Ctx = Ctx> {
	readonly onReceipt: readonly ReceiptEffect[];
	readonly keeper?: Keeper<OwnCtx> | undefined;
}

const findStrangers = sql(`
	select o.event_id, o.type, r.value->>'$.destination' as sender
	from json_each(:receipts) as r cross join outbox as o
		on o.event_id = r.value->>'$.id' and o.destination <> r.value->>'$.destination'`);

const park = sql(`
	update outbox set next_attempt_at = null, parked_reason = r.value->>'$.reason'
	from json_each(:receipts) as r
	where outbox.event_id = r.value->>'$.id' and outbox.destination = r.value->>'$.destination'
		and r.value->>'$.verdict' = 'rejected' and outbox.next_attempt_at is not null
	returning event_id, type, destination, parked_reason`);

const removeConfirmed = sql(`
	delete from outbox where (event_id, destination) in (
		select r.value->>'$.id', r.value->>'$.destination' from json_each(:receipts) as r
		where r.value->>'$.verdict' = 'accepted')
	returning event_id, type, destination, null as parked_reason`);

const noteReceipts = sql(`
	insert into destinations (destination, last_receipt_at, woken_at)
	select distinct r.value->>'$.destination', :now, :now from json_each(:receipts) as r where true
	on conflict do update set
		last_receipt_at = max(last_receipt_at, excluded.last_receipt_at),
		woken_at = iif(last_receipt_at < :now - :silentAfter, :now, woken_at)`);

/** A queue batch may hold 10,000 receipts, more than one bound value of D1 (2 MB): so many are under 1 MB. */
const mostRows = 2000;

interface ArrivedReceipts {
	readonly event: CloudEvent<object>;
	ack(): void;
	retry(): void;
}

type ReceiptRow = Receipt & { destination: string };
interface ArrivedRow {
	readonly row: ReceiptRow;
	/** The message that brought it. */
	readonly arrival: ArrivedReceipts;
}

/** Applies a queue batch of receipts: one D1 batch for each shard present (and each 2,000). Each counts only for its own destination. */
export async function applyReceipts<OwnCtx extends Ctx>(
	ctx: OwnCtx,
	rules: ReceiptRules<OwnCtx>,
	arrivals: readonly ArrivedReceipts[],
): Promise<void> {
	const shards = new Map<Shard, ArrivedRow[]>();
	for (const arrival of arrivals) {
		const { receipts } = arrival.event.data as EventsReceived; // the trust checks have parsed it
		for (const receipt of receipts) {
			const shard = ctx.databases.locate(receipt.id);
			if (shard === undefined) {
				ctx.log.alarm("unknown_shard", { eventId: receipt.id, source: arrival.event.source });
				continue;
			}
			const row = { ...receipt, destination: arrival.event.source };
			shards.set(shard, [...(shards.get(shard) ?? []), { row, arrival }]);
		}
	}
	const failed = new Set<ArrivedReceipts>();
	for (const [shard, arrived] of shards) {
		for (let at = 0; at < arrived.length; at += mostRows) {
			const page = arrived.slice(at, at + mostRows);
			const work = (some: readonly ArrivedRow[]) =>
				applyToShard(
					ctx,
					shard,
					rules,
					some.map(({ row }) => row),
				);
			await bisect(ctx.databases.get(shard), page, work, (some, why, error) => {
				ctx.log.alarm("receipts_not_applied", { shard, reason: why, count: some.length, error: describeError(error) });
				for (const { arrival } of some) failed.add(arrival);
			});
		}
	}
	for (const arrival of arrivals) failed.has(arrival) ? arrival.retry() : arrival.ack();
}

async function applyToShard<OwnCtx extends Ctx>(
	ctx: OwnCtx,
	shard: Shard,
	{ onReceipt: effects, keeper }: ReceiptRules<OwnCtx>,
	rows: readonly ReceiptRow[],
): Promise<void> {
	const database = ctx.databases.get(shard);
	const params = { receipts: JSON.stringify(rows), now: ctx.now(), silentAfter: ctx.resend.silentAfter };
	const statements = [...(keeper ? [keeper.strangers, keeper.settle] : []), findStrangers, park];
	const results = await database.batch<StrangerRow>([
		...statements.map((statement) => prepare(database, statement, params)),
		...effects.map(({ effect, type, destination }) => prepare(database, effect, { ...params, type, destination })),
		prepare(database, noteReceipts, params),
		prepare(database, removeConfirmed, params),
	]);
	const found = (at: number) => results.at(at)?.results ?? [];
	const [strangers, kept] = keeper ? [[...found(0), ...found(2)], found(1)] : [found(0), []];
	report(ctx, rows, strangers, [...kept, ...found(statements.length - 1), ...found(-1)]);
	if (!keeper || kept.length === 0) return;
	ctx.waitUntil(
		keeper.settled(ctx, kept).catch((error) => ctx.log.warn("receipts_not_followed", { shard, error: describeError(error) })),
	);
}

function report(ctx: Ctx, rows: readonly ReceiptRow[], strangers: readonly StrangerRow[], settled: readonly SettledRow[]): void {
	const receipts = new Map(rows.map((row) => [row.id, row]));
	const fields = ({ event_id: eventId, type: eventType }: SettledRow) => {
		const { correlationId, traceparent = "" } = receipts.get(eventId) ?? {};
		return { eventId, eventType, correlationId, traceId: traceIdOf(traceparent) };
	};
	for (const row of strangers) {
		// Where an event has several destinations, the rows of the others are no cause for alarm.
		if (!isPermitted(ctx.topology, ctx.worker, row.type, row.sender as WorkerName)) {
			ctx.log.alarm("receipt_from_stranger", { ...fields(row), source: row.sender });
		}
	}
	for (const row of settled) {
		const { destination, parked_reason: reason } = row;
		if (reason === null) ctx.log.info("event_confirmed", { ...fields(row), destination });
		else ctx.log.alarm("event_parked", { ...fields(row), destination, reason });
	}
}
