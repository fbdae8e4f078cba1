import { topology } from "../../../shared/events/topology.ts";
import { shardOf } from "../../../shared/ids.ts";
import { describeError } from "../../../shared/log.ts";
import { newEvent } from "../../../shared/messaging/envelope.ts";
import { type Outgoing, send } from "../../../shared/messaging/outbox.ts";
import { prepare } from "../../../shared/sql.ts";
import { minutes } from "../../../shared/time.ts";
import type { BillingCtx } from "../context.ts";
import { invoiceIssued, recipient, selectDelivery } from "./store.ts";

/**
 * What the object of one invoice is to these functions: what it keeps, and its alarm. The fields are in memory and lost with
 * it, but for what `persist` has kept.
 */
export interface DeliveryState {
	/** Undefined while it has nothing to deliver. */
	invoiceId: string | undefined;
	/** Since it was set to work, or the customer Worker was heard of again. */
	attempts: number;
	/** The last attempt was made while the customer Worker confirmed nothing. */
	intoSilence: boolean;
	/** Keeps the fields. */
	persist(): Promise<void>;
	/** Instead of the one that is pending. */
	setAlarm(at: number): Promise<void>;
	/** When it is to run next; null when none is pending, as when the platform has given it up. */
	getAlarm(): Promise<number | null>;
	/** Removes everything that was kept, and the alarm. */
	destroy(): Promise<void>;
}

interface On {
	readonly ctx: BillingCtx;
	readonly state: DeliveryState;
}

/** Milliseconds over which the first attempts of a bulk run are spread. */
const spread = 10 * minutes;

/**
 * Sees to it that an attempt will be made. What is pending is left alone, however often this is called; only after a silence of
 * the customer Worker the next attempt is brought forward.
 */
export async function ensure({ ctx, state, input: { invoiceId } }: On & { input: { invoiceId: string } }): Promise<void> {
	const pending = state.invoiceId === invoiceId && (await state.getAlarm()) !== null;
	if (pending && !(state.intoSilence && (await isHeard(ctx, invoiceId)))) return;
	Object.assign(state, { invoiceId, attempts: 0, intoSilence: false });
	await Promise.all([state.persist(), state.setAlarm(pending ? ctx.now() + 1 : firstAttempt(ctx, invoiceId))]);
}

/**
 * One attempt. The next one is armed before it begins, so nothing that goes wrong in it is the last: it ends when D1 says that
 * there is nothing to deliver, and never by itself.
 */
export async function alarm({ ctx, state }: On): Promise<void> {
	const { invoiceId } = state;
	if (invoiceId === undefined) return state.destroy();
	state.attempts += 1;
	await Promise.all([state.persist(), state.setAlarm(ctx.now() + delayAfter(ctx, state.attempts))]);
	try {
		await attempt({ ctx, state, input: { invoiceId } });
	} catch (error) {
		ctx.log.warn("delivery_attempt_failed", { invoiceId, count: state.attempts, error: describeError(error) });
	}
}

/** A receipt has come: ends when D1 says so too. */
export async function delivered({ ctx, state }: On): Promise<void> {
	const { invoiceId } = state;
	if (invoiceId === undefined) return;
	if (isOpen(await read(ctx, invoiceId))) return;
	await end(state);
}

async function attempt({ ctx, state, input: { invoiceId } }: On & { input: { invoiceId: string } }): Promise<void> {
	const delivery = await read(ctx, invoiceId);
	if (!isOpen(delivery)) {
		ctx.log.info("delivery_ended", { invoiceId, count: state.attempts, reason: delivery ? "settled" : "unknown" });
		return end(state);
	}
	// the second attempt follows the first in any case
	const intoSilence = state.attempts > 1 && !heard(ctx, delivery);
	// while D1 was read a receipt may have ended the object: then nothing is kept any more
	if (intoSilence !== state.intoSilence && state.invoiceId === invoiceId) {
		state.intoSilence = intoSilence;
		await state.persist();
	}
	await send(ctx, [outgoing(ctx, invoiceId, delivery)]);
}

async function end(state: DeliveryState): Promise<void> {
	Object.assign(state, { invoiceId: undefined, attempts: 0, intoSilence: false });
	await state.destroy();
}

interface DeliveryRow {
	readonly event_id: string;
	readonly customer_id: string;
	readonly issued_at: number;
	readonly document: string;
	readonly delivered_at: number | null;
	readonly rejected_reason: string | null;
	/** When the customer Worker last confirmed something of this shard. */
	readonly heard_at: number | null;
}

/** Null for what D1 does not know, as when it was put back to before the invoice. Rejects when D1 does not answer. */
async function read(ctx: BillingCtx, invoiceId: string): Promise<DeliveryRow | null> {
	const shard = ctx.databases.locate(invoiceId);
	if (shard === undefined) return null;
	const { results } = await prepare(ctx.databases.get(shard), selectDelivery, { invoiceId, recipient }).all<DeliveryRow>();
	return results[0] ?? null;
}

const isOpen = (delivery: DeliveryRow | null): delivery is DeliveryRow =>
	delivery !== null && delivery.delivered_at === null && delivery.rejected_reason === null;

const heard = (ctx: BillingCtx, { heard_at }: DeliveryRow) => (heard_at ?? 0) >= ctx.now() - ctx.resend.silentAfter;

async function isHeard(ctx: BillingCtx, invoiceId: string): Promise<boolean> {
	const delivery = await read(ctx, invoiceId);
	return delivery === null || heard(ctx, delivery);
}

/** The same event at every attempt, said afresh. */
function outgoing(ctx: BillingCtx, invoiceId: string, { event_id, customer_id, issued_at, document }: DeliveryRow): Outgoing {
	const data: unknown = JSON.parse(document);
	const about = { type: invoiceIssued, subject: customer_id, data, at: issued_at };
	const event = { ...newEvent(ctx, shardOf(invoiceId), about), id: event_id };
	return { event_id, destination: recipient, type: invoiceIssued, event: JSON.stringify(event) };
}

/** In production somewhere in ten minutes, for each invoice its own; where events are sent again after seconds, at once. */
function firstAttempt(ctx: BillingCtx, invoiceId: string): number {
	return ctx.now() + 1 + (ctx.resend.firstDelay === undefined ? Math.floor(spread * fraction(invoiceId)) : 0);
}

/** 0 to 1 by the end of an id, which is random. */
const fraction = (id: string) => Number.parseInt(id.slice(-4), 36) / 36 ** 4;

/** Until the attempt after this one: doubling from minutes to `maxDelay`, give or take a quarter. */
function delayAfter(ctx: BillingCtx, attempts: number): number {
	const [drawn = 0] = ctx.randomBytes(1);
	const delay = (ctx.resend.firstDelay ?? topology.events[invoiceIssued].firstDelay) * 2 ** Math.min(attempts - 1, 20);
	return Math.floor(Math.min(ctx.resend.maxDelay, delay) * (0.75 + drawn / 512));
}
