import type { Ctx } from "../../../shared/context.ts";
import { shardOf } from "../../../shared/ids.ts";
import { prepare } from "../../../shared/sql.ts";
import { openProfile as openStatement } from "./store.ts";

/** At every sign-in: a profile with this address, if there is none yet. One statement; an address that is there stays. */
export async function openProfile({ ctx, input }: { ctx: Ctx; input: { customerId: string; email: string } }): Promise<void> {
	await prepare(ctx.databases.get(shardOf(input.customerId)), openStatement, input).run();
}
