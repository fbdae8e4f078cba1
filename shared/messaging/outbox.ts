import type { Ctx } from "../context.ts";
import { destinations, type WorkerName } from "../events/topology.ts";
import { describeError } from "../log.ts";
import { type SqlParams, type Statement, sql } from "../sql.ts";
import { byteLength, type CloudEvent, seal } from "./envelope.ts";

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

/** Sends what a committed batch left in the outbox, after the answer. Whatever fails here is the relay's. */
export function sendAfterAnswer(ctx: Ctx, rows: readonly Outgoing[]): void {
	if (rows.length > 0) ctx.waitUntil(send(ctx, rows));
}

/** Cloudflare's limits for one `sendBatch`, with room for what surrounds a message. */
const mostMessages = 100;
const mostBytes = 240_000;

/** Signs each row afresh and hands it to its queue. Success writes nothing: only a receipt removes the row. */
export async function send(ctx: Ctx, rows: readonly Outgoing[]): Promise<void> {
	for (const [queue, ofQueue] of Map.groupBy(rows, (row) => ctx.topology.events[row.type]?.to[row.destination])) {
		if (queue === undefined) {
			ctx.log.alarm("event_without_queue", { eventType: ofQueue[0]?.type, count: ofQueue.length });
			continue;
		}
		try {
			const messages = await Promise.all(ofQueue.map((row) => seal(ctx, row.event, row.destination)));
			for (const page of pages(messages)) await ctx.queue(queue).send(page);
		} catch (error) {
			ctx.log.warn("send_failed", { queue, count: ofQueue.length, error: describeError(error) });
		}
	}
}

function pages(messages: readonly string[]): string[][] {
	const all: string[][] = [];
	let bytes = Infinity;
	for (const message of messages) {
		const size = byteLength(message);
		const page = all.at(-1);
		if (page && page.length < mostMessages && bytes + size <= mostBytes) {
			page.push(message);
			bytes += size;
		} else {
			all.push([message]);
			bytes = size;
		}
	}
	return all;
}
