import { byteLength, packed } from "../bytes.ts";
import type { Ctx, Database } from "../context.ts";
import { destinations, type WorkerName } from "../events/topology.ts";
import { describeError } from "../log.ts";
import { prepare, type SqlParams, type Statement, sql } from "../sql.ts";
import { type CloudEvent, seal } from "./envelope.ts";

/** A row of the outbox as `RETURNING` gives it: what has to be sent, and to whom. */
export interface Outgoing {
	event_id: string;
	destination: WorkerName;
	type: string;
	event: string;
}

/**
 * The insert that stands in the same batch as the change which the event reports, a row for each destination.
 *
 * `guard` ties it to that change. `changes() = 1` must directly follow a statement that changes exactly one row;
 * otherwise give a condition on the new state. A change that hit nothing leaves no event.
 * `event` is the SQL that composes the event from `:event` and what the shard itself owns, read `from` its tables.
 */
export function outboxInsert({ event = ":event", from = "", guard = "changes() = 1" } = {}): Statement {
	return sql(`
		insert into outbox (event_id, destination, type, event, attempts, first_delay, next_attempt_at, created_at)
		select :eventId, destination.value, :eventType, ${event}, 0, :firstDelay, :now + :firstDelay, :now
		from json_each(:destinations) as destination ${from && `cross join ${from}`}
		where ${guard}
		returning event_id, destination, type, event`);
}

/** The parameters of `outboxInsert` for this event; more of the statement's own stand beside them. */
export function outboxParams(ctx: Ctx, event: CloudEvent): SqlParams {
	const definition = ctx.topology.events[event.type];
	if (definition?.from !== ctx.worker) throw new Error(`${event.type} is not ${ctx.worker}'s to say`);
	return {
		event: JSON.stringify(event),
		eventId: event.id,
		eventType: event.type,
		destinations: JSON.stringify(destinations(definition).map(([destination]) => destination)),
		firstDelay: ctx.resend.firstDelay ?? definition.firstDelay,
		now: ctx.now(),
	};
}

/**
 * Commits a change together with the event that reports it (`emit`, from `outboxInsert`) as one D1 batch, and sends
 * the event after the answer; whatever fails there is the relay's. `reads` see the change. `emitted` is false when
 * the change hit nothing.
 */
export async function commit(
	ctx: Ctx,
	database: Database,
	{ change, emit, reads = [], params }: { change: Statement; emit: Statement; reads?: readonly Statement[]; params: SqlParams },
): Promise<{ emitted: boolean; reads: D1Result[] }> {
	const statements = [change, emit, ...reads].map((statement) => prepare(database, statement, params));
	const [, emission, ...results] = await database.batch(statements);
	const outgoing = (emission?.results ?? []) as Outgoing[]; // what `outboxInsert` returns
	if (outgoing.length > 0) ctx.waitUntil(send(ctx, outgoing));
	return { emitted: outgoing.length > 0, reads: results };
}

/** Cloudflare's limits for one `sendBatch` are 256 KB and 100: this leaves room for what surrounds a message. */
const mostAtOnce = { bytes: 240_000, count: 100 };

/** Signs each row afresh and hands it to its queue. Success writes nothing: only a receipt removes the row. */
export async function send(ctx: Ctx, rows: readonly Outgoing[]): Promise<void> {
	for (const [queue, ofQueue] of Map.groupBy(rows, (row) => ctx.topology.events[row.type]?.to[row.destination])) {
		if (queue === undefined) {
			ctx.log.alarm("event_without_queue", { eventType: ofQueue[0]?.type, count: ofQueue.length });
			continue;
		}
		try {
			const messages = await Promise.all(ofQueue.map((row) => seal(ctx, row.event, row.destination)));
			for (const page of packed(messages, byteLength, mostAtOnce)) await ctx.queue(queue).send(page);
		} catch (error) {
			ctx.log.warn("send_failed", { queue, count: ofQueue.length, error: describeError(error) });
		}
	}
}
