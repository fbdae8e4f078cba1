import type { Ended, Refused } from "../../../shared/identity.ts";
import { prepare } from "../../../shared/sql.ts";
import { hashOfSecret } from "../auth/options.ts";
import { type IdentityCtx, identityDatabase } from "../context.ts";
import type { EndSessions } from "./schemas.ts";
import type { SessionRow } from "./session.ts";
import { endings, selectCurrent } from "./store.ts";

/** Ends sessions of the customer whose session this is; only theirs, whatever ids are named. */
export async function endSessions({ ctx, input }: { ctx: IdentityCtx; input: EndSessions }): Promise<Ended | Refused> {
	const { secret, which } = input;
	const database = identityDatabase(ctx);
	const ending = endings[typeof which === "string" ? which : "named"];
	const ids = JSON.stringify(typeof which === "string" ? [] : which);
	const params = { token: await hashOfSecret(ctx, secret), now: ctx.now(), ids };
	const [current, ended] = await database.batch([prepare(database, selectCurrent, params), prepare(database, ending, params)]);
	const session = current?.results[0] as SessionRow | undefined; // of `selectCurrent`
	if (!session) return { refused: "signed_out" };
	const { customerId } = session;
	return { customerId, ended: ((ended?.results ?? []) as { id: string }[]).map(({ id }) => id) }; // of `endings`
}
