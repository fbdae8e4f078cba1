import type { Ctx } from "../../../shared/context.ts";
import type { FeedPage } from "../../../shared/contracts/feed.ts";

/** A page of the catalogue's feed. */
export async function readFeed(_: { ctx: Ctx; input: { after: number } }): Promise<FeedPage> {
	throw new Error("not built yet");
}
