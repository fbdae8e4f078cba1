import type { Ctx } from "../../../shared/context.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { idOf } from "../../../shared/ids.ts";
import { prepare } from "../../../shared/sql.ts";
import type { Actor } from "../../../shared/staff/require-staff.ts";
import { type PeriodRow, periodView } from "./period-view.ts";
import { auditRetry, compareAgain, giveUpHeld, release, retry, selectPeriod } from "./staff-store.ts";

export interface RetryPeriod {
	readonly actor: Actor;
	readonly customerId: string;
	/** Milliseconds. */
	readonly fromAt: number;
}

/**
 * Has a period tried again in a new round, from the next run of the payment job on: one that is parked, or one that is held since
 * the provider has charged another amount, which whoever asks has given back there. Throws `not_found`, and
 * `period_not_parked` for any other, so that nobody is charged because somebody asked twice.
 */
export async function retryPeriod({ ctx, input }: { ctx: Ctx; input: RetryPeriod }) {
	const { actor, customerId, fromAt } = input;
	const shard = ctx.databases.locate(customerId);
	if (shard === undefined) throw new Problem("not_found");
	const database = ctx.databases.get(shard);
	const auditId = idOf("aud", shard, ctx.randomBytes(16));
	const params = { customerId, fromAt, now: ctx.now(), actor: actor.email, auditId };
	const all = [auditRetry, retry, giveUpHeld, compareAgain, release, selectPeriod];
	const results = await database.batch(all.map((statement) => prepare(database, statement, params)));
	const [audited] = results;
	const row = results.at(-1)?.results[0] as PeriodRow | undefined; // of `selectPeriod`
	if (!row) throw new Problem("not_found");
	if (audited?.results.length !== 1) throw new Problem("period_not_parked");
	ctx.log.info("period_retried", { shard, customerId });
	return periodView(row);
}
