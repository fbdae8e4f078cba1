import type { Ctx } from "../../../shared/context.ts";
import { type IdPrefix, idOf, type Shard } from "../../../shared/ids.ts";
import type { Actor } from "../../../shared/staff/require-staff.ts";

/**
 * The id of what somebody of the staff makes in a customer's shard, and of its audit row. With an Idempotency-Key both
 * follow from who asks, for what, and the key: the audit row tells a repetition, also one that names another shard.
 */
export async function identify(
	ctx: Ctx,
	prefix: IdPrefix,
	{ actor, shard, key }: { actor: Actor; shard: Shard; key: string | undefined },
): Promise<{ id: string; auditId: string }> {
	const bytes = key === undefined ? ctx.randomBytes(16) : await ctx.digest(JSON.stringify([actor.email, prefix, key]));
	return { id: idOf(prefix, shard, bytes), auditId: idOf("aud", "00", bytes) };
}
