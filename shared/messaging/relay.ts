import type { Ctx, Database } from "../context.ts";
import { destinationsOf, type WorkerName } from "../events/topology.ts";
import type { Shard } from "../ids.ts";
import { describeError } from "../log.ts";
import { prepare, sql } from "../sql.ts";
import { minutes } from "../time.ts";
import { type Outgoing, send } from "./outbox.ts";

const pageSize = 100;
/** How many rows a run may send to a destination that has gone silent. */
const probes = 3;

export interface RelayBudget {
	/** D1 calls; a Worker on the paid plan has 1,000 an invocation. */
	queries: number;
	/** Each costs a signature of about 0.1 ms. */
	messages: number;
}

interface Lane {
	readonly shard: Shard;
	readonly destination: WorkerName;
	readonly limit: number;
	/** A silent destination gets one page of probes a run. */
	readonly once: boolean;
}

/**
 * Sends again what no receipt has confirmed. The claim is the lease: it moves the next attempt forward, so a crash
 * right after it costs one delay. Shards take turns at being first, lanes take turns page by page, so that neither a
 * backlog nor a silent destination slows the others.
 */
export async function relay(
	ctx: Ctx,
	{
		shards = ctx.databases.shards,
		dueBefore = ctx.now(),
		budget = { queries: 400, messages: 5000 },
	}: { shards?: readonly Shard[]; dueBefore?: number; budget?: RelayBudget } = {},
): Promise<number> {
	const left = { ...budget };
	let sent = 0;
	const turn = Math.floor(ctx.now() / minutes) % shards.length;
	let lanes: Lane[] = [];
	for (const shard of [...shards.slice(turn), ...shards.slice(0, turn)]) {
		if (left.queries < 1) break;
		try {
			lanes.push(...(await lanesOf(ctx, shard, left, dueBefore)));
		} catch (error) {
			ctx.log.warn("relay_shard_failed", { shard, error: describeError(error) });
		}
	}
	while (lanes.length > 0) {
		const next: Lane[] = [];
		for (const lane of lanes) {
			const limit = Math.min(lane.limit, left.messages);
			if (limit < 1 || left.queries < 1) return sent;
			left.queries -= 1;
			try {
				const rows = await claim(ctx, lane, limit, dueBefore);
				left.messages -= rows.length;
				sent += rows.length;
				await send(ctx, rows);
				if (rows.length > 0) {
					ctx.log.info("events_claimed", { shard: lane.shard, destination: lane.destination, count: rows.length });
				}
				if (rows.length === lane.limit && !lane.once) next.push(lane);
			} catch (error) {
				const { shard, destination } = lane;
				ctx.log.warn("relay_shard_failed", { shard, destination, error: describeError(error) });
			}
		}
		lanes = next;
	}
	return sent;
}

const destinationStates = sql("select destination, last_receipt_at, woken_at from destinations");

async function lanesOf(ctx: Ctx, shard: Shard, left: RelayBudget, dueBefore: number): Promise<Lane[]> {
	const database = ctx.databases.get(shard);
	left.queries -= 1;
	const { results } = await prepare(database, destinationStates, {}).all<{
		destination: WorkerName;
		last_receipt_at: number;
		woken_at: number | null;
	}>();
	const states = new Map(results.map((state) => [state.destination, state]));
	const lanes: Lane[] = [];
	for (const destination of destinationsOf(ctx.topology, ctx.worker)) {
		const state = states.get(destination);
		if (state?.woken_at != null && left.queries >= 2) {
			left.queries -= 2;
			await wake(database, destination, state.woken_at, dueBefore).catch((error) => {
				ctx.log.warn("wake_failed", { shard, destination, error: describeError(error) }); // the next run tries again
			});
		}
		const silent = (state?.last_receipt_at ?? 0) < ctx.now() - ctx.resend.silentAfter;
		lanes.push({ shard, destination, limit: silent ? probes : pageSize, once: silent });
	}
	return lanes;
}

/** 0.75 to 1.25, for each row its own, from its id and what the claim drew: the rows of a page part. */
const jitter = "(0.75 + (instr('0123456789abcdefghjkmnpqrstvwxyz', substr(event_id, -1)) + :drawn) % 32 / 62.0)";

const claimDue = sql(`
	update outbox set
		attempts = attempts + 1,
		sent_at = :now,
		next_attempt_at = :now + cast(min(:maxDelay, first_delay * (1 << min(attempts + 1, 20))) * ${jitter} as integer)
	where (event_id, destination) in (
		select event_id, destination from outbox
		where destination = :destination and next_attempt_at <= :dueBefore
		order by next_attempt_at limit :limit)
	returning event_id, destination, type, event`);

async function claim(ctx: Ctx, lane: Lane, limit: number, dueBefore: number): Promise<Outgoing[]> {
	const [drawn = 0] = ctx.randomBytes(1);
	const { results } = await prepare(ctx.databases.get(lane.shard), claimDue, {
		now: ctx.now(),
		maxDelay: ctx.resend.maxDelay,
		drawn,
		destination: lane.destination,
		dueBefore,
		limit,
	}).all<Outgoing>();
	return results;
}

const makeDue = sql(`
	update outbox set next_attempt_at = :dueBefore, attempts = 0
	where (event_id, destination) in (
		select event_id, destination from outbox
		where destination = :destination and next_attempt_at > :dueBefore and sent_at < :wokenAt
		limit :limit)
	returning event_id`);
const stayAwake = sql("update destinations set woken_at = null where destination = :destination and woken_at = :wokenAt");

/** After a silence: what waits for its next attempt becomes due in this run, a page a run. Two D1 calls at most. */
async function wake(database: Database, destination: WorkerName, wokenAt: number, dueBefore: number): Promise<void> {
	const limit = 1000;
	const params = { dueBefore, destination, wokenAt, limit };
	const { results } = await prepare(database, makeDue, params).all();
	if (results.length < limit) await prepare(database, stayAwake, params).run();
}
