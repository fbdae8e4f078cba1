import type { Ctx } from "../context.ts";
import { type Pruning, prune } from "./prune.ts";
import { relay } from "./relay.ts";

/** In UTC. */
export const relayCron = "* * * * *";
export const pruneCron = "17 * * * *";

/** The Cron Triggers that every Worker with messages has; `prunings` for tables of its own. */
export function messagingCrons(prunings: readonly Pruning[] = []): Readonly<Record<string, (ctx: Ctx) => Promise<unknown>>> {
	return { [relayCron]: (ctx) => relay(ctx), [pruneCron]: (ctx) => prune(ctx, prunings) };
}
