import { toHex } from "../../../shared/bytes.ts";
import { describeError } from "../../../shared/log.ts";
import { prepare } from "../../../shared/sql.ts";
import { type IdentityCtx, identityDatabase } from "../context.ts";
import { sendAfterAnswer } from "../mails/send.ts";
import type { emailChanges } from "../tables.ts";
import { changeAddress, claimChanges, endHold, markDone, noticeOfEnd } from "./store.ts";

/** Changes of one Cron run; each takes up to three D1 calls. */
const mostChanges = 100;

interface DueChange {
	readonly id: string;
	readonly customerId: string;
	readonly email: string;
	readonly state: typeof emailChanges.$inferSelect.state;
	readonly changedAt: number | null;
}

/**
 * Ends holds that are over, and tells the customer Worker of changed addresses until it has answered. Every step is a
 * state of the row: whatever dies in between, the next run goes on from there.
 */
export async function carryOutChanges(ctx: IdentityCtx): Promise<void> {
	const params = { now: ctx.now(), limit: mostChanges };
	const { results } = await prepare(identityDatabase(ctx), claimChanges, params).all<DueChange>();
	for (const change of results) {
		try {
			await carryOut(ctx, change);
		} catch (error) {
			ctx.log.warn("email_change_failed", { customerId: change.customerId, error: describeError(error) });
		}
	}
}

async function carryOut(ctx: IdentityCtx, { id, customerId, email, state, changedAt }: DueChange): Promise<void> {
	const at = changedAt ?? ctx.now();
	const changed = state === "held" ? await takeEffect(ctx, { id, customerId, email, now: at }) : true;
	if (!changed) return;
	await ctx.customers.changeEmail({ customerId, email, changedAt: at });
	await prepare(identityDatabase(ctx), markDone, { id }).run();
	ctx.log.info("email_changed", { customerId });
}

/** Gives the customer the new address, or drops the change when somebody else has it by now; either way the old one is told. */
async function takeEffect(
	ctx: IdentityCtx,
	change: { id: string; customerId: string; email: string; now: number },
): Promise<boolean> {
	const database = identityDatabase(ctx);
	const params = { ...change, noticeId: toHex(ctx.randomBytes(16)) };
	const [, ended, notice] = await database.batch<{ state: string }>(
		[changeAddress, endHold, noticeOfEnd].map((statement) => prepare(database, statement, params)),
	);
	sendAfterAnswer(ctx, notice);
	return ended?.results[0]?.state === "changed";
}
