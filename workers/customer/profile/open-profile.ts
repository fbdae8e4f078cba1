import type { Ctx } from "../../../shared/context.ts";
import { shardOf } from "../../../shared/ids.ts";
import { newEvent } from "../../../shared/messaging/envelope.ts";
import { commit, outboxParams } from "../../../shared/messaging/outbox.ts";
import { emitCustomerChanged, openProfile as openStatement } from "./store.ts";

/** At every sign-in: a profile with this address, if there is none yet. One batch; an address that is there stays. */
export async function openProfile({ ctx, input }: { ctx: Ctx; input: { customerId: string; email: string } }): Promise<void> {
	const { customerId } = input;
	const shard = shardOf(customerId);
	const event = newEvent(ctx, shard, { type: "CustomerChanged", subject: customerId, data: {} }); // SQL adds version and data
	const params = { ...outboxParams(ctx, event), ...input };
	await commit(ctx, ctx.databases.get(shard), { change: openStatement, emit: emitCustomerChanged, params });
}
