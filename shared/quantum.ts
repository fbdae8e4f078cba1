import type { BaseCtx, Ctx } from "./context.ts";
import { eventsReceived } from "./events/messaging.ts";
import { deadLetterQueue } from "./events/queues.ts";
import type { WorkerName } from "./events/topology.ts";
import { describeError } from "./log.ts";
import type { Consumption } from "./messaging/consumption.ts";
import { type Arrival, receive } from "./messaging/inbox.ts";
import { open } from "./messaging/open.ts";
import { type QueueMessage, type Refused, recordDeadLetters, recordRefused } from "./messaging/quarantine.ts";
import { applyReceipts, type ReceiptRules } from "./messaging/receipts.ts";
import { prepare, sql } from "./sql.ts";

/** What a Worker does with the messages of its queues. */
export interface Consumer<OwnCtx extends Ctx = Ctx> extends ReceiptRules<OwnCtx> {
	readonly worker: WorkerName;
	/** In the order in which a batch is applied: a thing before what refers to it. */
	readonly consumes: readonly Consumption<OwnCtx>[];
}

interface AfterEvents<OwnCtx> {
	/** What is done at once with what has just been stored; what fails there is left to a Cron Trigger. */
	readonly afterEvents?: (ctx: OwnCtx) => Promise<unknown>;
}

interface Works<OwnCtx> {
	/** Queue → what is done with a message that this Worker has put there for itself. It throws, and the message comes again. */
	readonly works?: Readonly<Record<string, (ctx: OwnCtx, body: unknown) => Promise<unknown>>>;
}

/** What a Worker does when no request asks it to: the same for the entry file and for the simulation. */
export interface Quantum<OwnCtx extends Ctx = Ctx> extends Consumer<OwnCtx>, AfterEvents<OwnCtx>, Works<OwnCtx> {
	readonly crons: Crons<OwnCtx>;
}

/** Cron expression (UTC) → job. Every job may run twice or at the same time. */
export type Crons<OwnCtx> = Readonly<Record<string, (ctx: OwnCtx) => Promise<unknown>>>;

export interface QueueBatch {
	readonly queue: string;
	readonly messages: readonly QueueMessage[];
}

/** Handles one queue batch to its end: afterwards every message is acknowledged or told to come again. */
export async function onQueue<OwnCtx extends Ctx>(
	quantum: Consumer<OwnCtx> & AfterEvents<OwnCtx> & Works<OwnCtx>,
	ctx: OwnCtx,
	{ queue, messages }: QueueBatch,
): Promise<void> {
	if (queue === deadLetterQueue(quantum.worker)) return recordDeadLetters(ctx, queue, messages);
	const work = quantum.works?.[queue];
	if (work) return workThrough(ctx, queue, messages, work);

	const opened = await Promise.all(messages.map(async (message) => ({ message, ...(await open(ctx, message.body)) })));
	const refused: Refused[] = [];
	const arrivals: Arrival[] = [];
	for (const { message, ...result } of opened) {
		const told = { ack: () => message.ack(), retry: () => message.retry() };
		if (result.kind === "refused") refused.push({ message, ...result });
		else arrivals.push({ ...result, ...told });
	}
	await recordRefused(ctx, queue, refused);

	const receipts = arrivals.filter(({ event }) => event.type === eventsReceived);
	const events = arrivals.filter(({ event }) => event.type !== eventsReceived);
	if (receipts.length > 0) await applyReceipts(ctx, quantum, receipts);
	if (events.length === 0) return;
	await receive(ctx, quantum.consumes, events);
	const failed = (error: unknown) => ctx.log.alarm("after_events_failed", { queue, error: describeError(error) });
	if (quantum.afterEvents) ctx.waitUntil(quantum.afterEvents(ctx).catch(failed));
}

async function workThrough<OwnCtx extends Ctx>(
	ctx: OwnCtx,
	queue: string,
	messages: readonly QueueMessage[],
	work: (ctx: OwnCtx, body: unknown) => Promise<unknown>,
): Promise<void> {
	for (const message of messages) {
		try {
			await work(ctx, message.body);
			message.ack();
		} catch (error) {
			ctx.log.warn("work_failed", { queue, error: describeError(error) });
			message.retry();
		}
	}
}

/** The jobs of one Cron Trigger side by side: one that fails stops no other, and then fails the run. */
export async function together(...jobs: readonly Promise<unknown>[]): Promise<void> {
	for (const job of await Promise.allSettled(jobs)) if (job.status === "rejected") throw job.reason;
}

const noteCronRun = sql("insert into cron_runs (cron, ran_at) values (:cron, :now) on conflict do update set ran_at = :now");

/** Runs the job of one Cron Trigger and notes that it came to its end. */
export async function onScheduled<OwnCtx extends BaseCtx>(
	{ crons }: { readonly crons: Crons<OwnCtx> },
	ctx: OwnCtx,
	cron: string,
): Promise<void> {
	const job = crons[cron];
	if (!job) return ctx.log.alarm("unknown_cron", { cron });
	const [shard = "00"] = ctx.databases.shards;
	try {
		await job(ctx);
		await prepare(ctx.databases.get(shard), noteCronRun, { cron, now: ctx.now() }).run();
	} catch (error) {
		ctx.log.alarm("cron_failed", { cron, error: describeError(error) });
	}
}
