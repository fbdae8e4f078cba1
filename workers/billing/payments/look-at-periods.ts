import type { Shard } from "../../../shared/ids.ts";
import { describeError } from "../../../shared/log.ts";
import { bisect } from "../../../shared/messaging/bisect.ts";
import { commitRows } from "../../../shared/messaging/effects.ts";
import type { BillingCtx } from "../context.ts";
import { ensureDeliveries } from "../invoices/issue.ts";
import { type Answer, askProvider, inLanes } from "./ask-provider.ts";
import type { PeriodKey } from "./charges.ts";
import { type Circumstances, type Decision, decide } from "./decide.ts";
import { adjustableSince, type Loaded, loadPeriods } from "./load.ts";
import { type Asked, prepareAttempt } from "./prepare-attempt.ts";
import { type Decided, savedRow, settledRow } from "./rows.ts";
import { beginAt, saving } from "./save.ts";
import { settling } from "./settle.ts";

/**
 * Looks at periods of one shard: charges what is due, and finds out what has become of attempts that are not settled. An
 * attempt stands in the database before the provider hears of it, and is settled with its invoice in one batch; whatever
 * breaks off in between is looked up by a later run. May run twice and at once. Throws while the database does not answer.
 */
export async function lookAtPeriods({
	ctx,
	input,
}: {
	ctx: BillingCtx;
	input: { shard: Shard; periods: readonly PeriodKey[] };
}): Promise<void> {
	const { shard } = input;
	const { chargeDelay, lease, taxRates, seller } = ctx.terms; // what is wrong with them is known before anybody is charged
	const now = ctx.now();
	const loaded = await loadPeriods(ctx.databases.get(shard), input.periods, now);
	const decided = decideAll(loaded, { now, terms: { lease, taxRates } });
	const prepared = await inLanes(decided, (one) => prepareAttempt(ctx, { ...one, shard, now, chargeDelay }));
	for (const { decision, period } of prepared) {
		if (decision.kind === "hold") ctx.log.alarm(decision.reason, { shard, customerId: period.customerId });
	}
	const begun = await save(ctx, shard, prepared, { now, chargeDelay, lease });
	const asked = prepared.flatMap(({ asked }) => (asked && (!asked.begins || begun.has(asked.charge.attemptId)) ? [asked] : []));
	const answers = await inLanes(asked, async (one) => ({ ...one, answer: await askProvider(ctx, one) }));
	await settle(ctx, shard, answers, { seller, chargeDelay });
}

/** Each in its turn: of the periods of one customer, the first that can takes what is to be adjusted. */
function decideAll({ periods, customers, catalogue }: Loaded, { now, terms }: Pick<Circumstances, "now" | "terms">): Decided[] {
	const adjusted = new Set<string>();
	return periods.flatMap((period) => {
		const customer = customers.get(period.customerId);
		if (!customer) return [];
		const adjusts = !adjusted.has(period.customerId);
		const decision = decideOne(() => decide(period, customer, { now, terms, catalogue, adjusts }));
		if (decision.kind === "begin" || decision.kind === "end") adjusted.add(period.customerId);
		return [{ period, customer, decision }];
	});
}

/** A plan that makes no bill keeps no other waiting. */
function decideOne(decision: () => Decision): Decision {
	try {
		return decision();
	} catch {
		return { kind: "hold", reason: "bill_not_made" };
	}
}

/** Gives the ids of the attempts that this run has begun. What the database refuses alone stays as it is. */
async function save(
	ctx: BillingCtx,
	shard: Shard,
	prepared: readonly (Decided & { readonly asked: Asked | undefined })[],
	{ lease, ...at }: { now: number; chargeDelay: number; lease: number },
): Promise<ReadonlySet<string>> {
	const begun = new Set<string>();
	const work = async (some: typeof prepared) => {
		const rows = some.map((one) => savedRow(ctx, one, { ...at, shard, attemptId: one.asked?.charge.attemptId }));
		const { effects } = await commitRows(ctx, shard, {
			effects: saving,
			rows: await Promise.all(rows),
			params: { lease, chargeDelay: at.chargeDelay, since: adjustableSince(at.now) },
		});
		const attempts = effects[beginAt]?.results as { attempt_id: string }[]; // what it returns
		for (const { attempt_id } of attempts) begun.add(attempt_id);
	};
	await inParts(ctx, shard, prepared, work);
	return begun;
}

/** What cannot be settled now is looked up when its lease is over. */
async function settle(
	ctx: BillingCtx,
	shard: Shard,
	answers: readonly (Asked & { readonly answer: Answer })[],
	{ seller, chargeDelay }: Pick<BillingCtx["terms"], "seller" | "chargeDelay">,
): Promise<void> {
	await inParts(ctx, shard, answers, async (some) => {
		const rows = some.map((one) => settledRow(one, { seller, now: ctx.now() }));
		const { effects } = await commitRows(ctx, shard, { effects: settling, rows, params: { shard, chargeDelay } });
		const issued = (effects.at(-1)?.results ?? []) as { invoice_id: string }[]; // what the last of `settling` returns
		await ensureDeliveries(
			ctx,
			issued.map(({ invoice_id }) => invoice_id),
		);
	});
}

async function inParts<T>(
	ctx: BillingCtx,
	shard: Shard,
	all: readonly T[],
	work: (some: readonly T[]) => Promise<void>,
): Promise<void> {
	if (all.length === 0) return;
	await bisect(ctx.databases.get(shard), all, work, (some, why, error) => {
		ctx.log.alarm("payments_not_stored", { shard, reason: why, count: some.length, error: describeError(error) });
		if (why === "unavailable") throw error;
	});
}
