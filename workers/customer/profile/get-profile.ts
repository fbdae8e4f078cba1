import type { Ctx } from "../../../shared/context.ts";
import { shardOf } from "../../../shared/ids.ts";
import { prepare } from "../../../shared/sql.ts";
import { type Profile, type ProfileRow, profileOf } from "./profile.ts";
import { selectProfile } from "./store.ts";

/** The customer's profile, empty when nothing has been said yet. */
export async function getProfile({ ctx, input }: { ctx: Ctx; input: { customerId: string } }): Promise<Profile> {
	const database = ctx.databases.get(shardOf(input.customerId));
	const { results } = await prepare(database, selectProfile, input).all<ProfileRow>();
	return profileOf(input.customerId, results[0]);
}
