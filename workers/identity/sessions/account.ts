import type { Account, Refused } from "../../../shared/identity.ts";
import { prepare } from "../../../shared/sql.ts";
import { hashOfSecret } from "../auth/options.ts";
import { type IdentityCtx, identityDatabase } from "../context.ts";
import type { WithSecret } from "./schemas.ts";
import { type SessionRow, sessionAt } from "./session.ts";
import { selectCurrent, selectEmailChange, selectPasskeys, selectSessions } from "./store.ts";

/** All that the account page shows, read in one batch. */
export async function account({ ctx, input }: { ctx: IdentityCtx; input: WithSecret }): Promise<Account | Refused> {
	const database = identityDatabase(ctx);
	const now = ctx.now();
	const params = { token: await hashOfSecret(ctx, input.secret), now };
	const statements = [selectCurrent, selectSessions, selectPasskeys, selectEmailChange];
	const [current, sessions, passkeys, changes] = await database.batch(
		statements.map((statement) => prepare(database, statement, params)),
	);
	// each of the shape that its statement names
	const row = current?.results[0] as SessionRow | undefined;
	const others = (sessions?.results ?? []) as Omit<Account["sessions"][number], "current">[];
	if (!row) return { refused: "signed_out" };
	const { customerId, email, sessionId, fresh, heldUntil } = sessionAt(row, now);
	return {
		customerId,
		email,
		fresh,
		heldUntil,
		emailChange: (changes?.results[0] as Account["emailChange"] | undefined) ?? null,
		passkeys: (passkeys?.results ?? []) as Account["passkeys"],
		sessions: others.map((session) => ({ ...session, current: session.id === sessionId })),
	};
}
