import { toHex } from "../../../shared/bytes.ts";
import { signSession } from "../../../shared/crypto/session-token.ts";
import type { SignedIn } from "../../../shared/identity.ts";
import { prepare } from "../../../shared/sql.ts";
import type { NewSession } from "../auth/options.ts";
import { type IdentityCtx, identityDatabase } from "../context.ts";
import { sendAfterAnswer } from "../mails/send.ts";
import { endOtherSessions, holdAfterRecovery, noticeOfRecovery, postponeChange, selectEmail, selectEnded } from "./store.ts";

/**
 * What follows when better-auth has made the session. A sign-in by code on an account with a passkey is a recovery: all
 * other sessions end, changes are held for 24 hours, also one that is waiting, and the mailbox is told, all in one batch.
 */
export async function finishSignIn(ctx: IdentityCtx, session: NewSession, by: "code" | "passkey"): Promise<SignedIn> {
	const { customerId, sessionId, secret } = session;
	const now = ctx.now();
	const database = identityDatabase(ctx);
	const params = { customerId, sessionId, now, noticeId: toHex(ctx.randomBytes(16)) };
	const recovery = by === "code" ? [noticeOfRecovery, endOtherSessions, postponeChange, holdAfterRecovery] : [];
	const results = await database.batch(
		[selectEmail, ...recovery, selectEnded].map((statement) => prepare(database, statement, params)),
	);
	const [known, notice] = results;
	const ended = results.at(-1);
	if (by === "code") sendAfterAnswer(ctx, notice);
	const [user] = (known?.results ?? []) as { email: string }[]; // of `selectEmail`
	if (!user) throw new Error("the session belongs to nobody");

	ctx.log.info("signed_in", { customerId, reason: by });
	return {
		customerId,
		sessionId,
		secret,
		token: await signSession(session, ctx.settings.SESSION_KEYS, now),
		email: user.email,
		ended: ((ended?.results ?? []) as { id: string }[]).map(({ id }) => id), // of `selectEnded`
	};
}
