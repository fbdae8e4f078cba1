import { setTimeout as wait } from "node:timers/promises";
import { relayCron } from "../../shared/messaging/schedule.ts";
import { paymentCron } from "../../workers/billing/payments/schedule.ts";
import type { Target } from "./insist.ts";
import type { Payer } from "./payments.ts";

/** Milliseconds for every outbox to become empty once nothing is killed any more. */
const longestDrain = 300_000;

/** Those that send events, and the one that sends messages: each does so every minute. */
const senders = ["customer", "sysops", "billing", "notification"] as const;

/** The Cron Triggers of every minute, every second. */
export async function keepRelaying(target: Target, isOver: () => boolean): Promise<void> {
	while (!isOver()) {
		for (const worker of senders) await fireSoon(target, worker);
		await fireSoon(target, "billing", paymentCron);
		await wait(1000);
	}
}

/** A job that a kill has caught, or that takes longer, holds up nobody. */
const fireSoon = ({ stack }: Target, worker: (typeof senders)[number], cron = relayCron) =>
	Promise.race([stack.fire(worker, cron).catch(() => {}), wait(5000)]);

/** Lets Cron run until every outbox is empty and every message is sent, or time is up: what is left then is for the verdict. */
export async function drain(target: Target, paying: readonly Payer[]): Promise<number> {
	const began = Date.now();
	while (Date.now() - began < longestDrain) {
		for (const worker of senders) await fireSoon(target, worker);
		await fireSoon(target, "billing", paymentCron);
		// what does not answer is asked again
		if (await isDone(target, paying).catch(() => false)) break;
		await wait(300);
	}
	return Math.round((Date.now() - began) / 100) / 10;
}

/** Asks in the order in which one thing leads to another: what moves on meanwhile is met again. */
async function isDone(target: Target, paying: readonly Payer[]): Promise<boolean> {
	if (!(await everybodyHasPaid(target, paying))) return false;
	for (const worker of ["customer", "sysops", "billing", "customer"] as const)
		if (!(await outboxIsEmpty(target, worker))) return false;
	return nothingPending(target);
}

async function outboxIsEmpty({ stack }: Target, worker: "customer" | "sysops" | "billing"): Promise<boolean> {
	const health: { shards: { oldestOutboxSeconds: number | null }[] } = await (
		await stack.request(worker, "/healthz", { signal: AbortSignal.timeout(5000) })
	).json();
	return health.shards.every(({ oldestOutboxSeconds }) => oldestOutboxSeconds === null);
}

/** All invoices have arrived, and each who is to pay has paid. */
async function everybodyHasPaid({ stack, staffToken }: Target, paying: readonly Payer[]): Promise<boolean> {
	const ask = async (path: string) => {
		const headers = { "cf-access-jwt-assertion": staffToken };
		const response = await stack.request("billing", path, { headers, signal: AbortSignal.timeout(5000) });
		if (!response.ok && response.status !== 404) throw new Error(`${path}: ${response.status}`);
		const page: { items?: { state?: string }[] } = await response.json();
		return page.items ?? [];
	};
	for (const { customerId, months } of paying) {
		const periods = await ask(`/api/v1/customers/${customerId}/periods`);
		if (periods.filter(({ state }) => state === "paid").length < months) return false;
	}
	return (await ask("/api/v1/deliveries")).length === 0;
}

async function nothingPending({ stack, staffToken }: Target): Promise<boolean> {
	const headers = { "cf-access-jwt-assertion": staffToken };
	const response = await stack.request("notification", "/api/v1/notifications?status=pending", {
		headers,
		signal: AbortSignal.timeout(5000),
	});
	if (!response.ok) throw new Error(`the pending messages: ${response.status}`);
	const page: { items: { attempts: number }[] } = await response.json();
	return page.items.every(({ attempts }) => attempts > 0); // of a claim that was killed, whose lease lasts ten minutes
}
