import type { Ctx } from "../context.ts";
import { describeError } from "../log.ts";
import { prepare, sql } from "../sql.ts";
import { claims, type RefusalReason } from "./open.ts";

export interface QueueMessage {
	readonly id: string;
	readonly body: unknown;
	ack(): void;
	retry(): void;
}

export interface Refused {
	readonly message: QueueMessage;
	readonly reason: RefusalReason;
	readonly alarming: boolean;
}

const fields = (message: string) => `${message}->>'$.messageId', :queue, :now, ${message}->>'$.bytes',
	${message}->>'$.id', ${message}->>'$.source', ${message}->>'$.type'`;

const insertQuarantined = sql(`
	insert into quarantine (message_id, queue, received_at, bytes, claimed_id, claimed_source, claimed_type, reason)
	select ${fields("m.value")}, m.value->>'$.reason' from json_each(:messages) as m where true
	on conflict do nothing`);

const insertDeadLetters = sql(`
	insert into dead_letters (message_id, queue, received_at, bytes, claimed_id, claimed_source, claimed_type)
	select ${fields("m.value")} from json_each(:messages) as m where true
	on conflict do nothing`);

/** Records what is not believed or not understood: metadata only. It is never receipted, so the real event comes again. */
export async function recordRefused(ctx: Ctx, queue: string, refused: readonly Refused[]): Promise<void> {
	if (refused.length === 0) return;
	for (const { message, reason, alarming } of refused) {
		const claimed = claims(message.body);
		const entry = { queue, reason, eventId: claimed.id ?? undefined, eventType: claimed.type ?? undefined };
		ctx.log[alarming ? "alarm" : "warn"](alarming ? "message_quarantined" : "message_not_understood", entry);
	}
	const rows = refused.map(({ message, reason }) => ({ messageId: message.id, reason, ...claims(message.body) }));
	await record(ctx, insertQuarantined, queue, rows, refused);
}

/** Records what a queue gave up on. 'Redrive' means making the producer's outbox row due; this is no copy of it. */
export async function recordDeadLetters(ctx: Ctx, queue: string, messages: readonly QueueMessage[]): Promise<void> {
	ctx.log.alarm("dead_letters", { queue, count: messages.length });
	const rows = messages.map((message) => ({ messageId: message.id, ...claims(message.body) }));
	const tellable = messages.map((message) => ({ message }));
	await record(ctx, insertDeadLetters, queue, rows, tellable);
}

async function record(
	ctx: Ctx,
	statement: typeof insertQuarantined,
	queue: string,
	rows: readonly object[],
	told: readonly { message: QueueMessage }[],
): Promise<void> {
	const [shard = "00"] = ctx.databases.shards;
	try {
		const params = { messages: JSON.stringify(rows), queue, now: ctx.now() };
		await prepare(ctx.databases.get(shard), statement, params).run();
		for (const { message } of told) message.ack();
	} catch (error) {
		ctx.log.alarm("database_unavailable", { shard, count: rows.length, error: describeError(error) });
		for (const { message } of told) message.retry();
	}
}
