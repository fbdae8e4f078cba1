import { toHex } from "../../../shared/bytes.ts";
import type { Ctx } from "../../../shared/context.ts";
import { type IdPrefix, idOf, shardOf } from "../../../shared/ids.ts";

/**
 * The id of what a request makes, and a digest of what it asks for. With an Idempotency-Key the id follows from
 * customer, operation and key, so the table's own primary key finds a repetition: nothing has to be kept beside it.
 */
export async function identify(
	ctx: Ctx,
	prefix: IdPrefix,
	request: { customerId: string; operation: string; key: string | undefined; content: unknown },
): Promise<{ id: string; requestDigest: string }> {
	const { customerId, operation, key, content } = request;
	const bytes = key === undefined ? ctx.randomBytes(16) : await ctx.digest(JSON.stringify([customerId, operation, key]));
	const digest = await ctx.digest(JSON.stringify(content));
	return { id: idOf(prefix, shardOf(customerId), bytes), requestDigest: toHex(digest.subarray(0, 16)) };
}
