import { WorkerEntrypoint } from "cloudflare:workers";
import type { ContractFeed as Feed, FeedPage } from "../../shared/contracts/feed.ts";
import { onQueue, onScheduled } from "../../shared/quantum.ts";
import { app } from "./app.ts";
import { sysopsCtx } from "./context.ts";
import { readFeed } from "./contracts/read-feed.ts";
import { sysops } from "./quantum.ts";

/** Read-only, for the Cron Triggers of customer and billing. */
export class ContractFeed extends WorkerEntrypoint<SysopsBindings> implements Feed {
	page(input: { after: number }): Promise<FeedPage> {
		return readFeed({ ctx: sysopsCtx(this.env, this.ctx), input });
	}
}

export default {
	fetch: app.fetch,
	queue: (batch, env, execution) => onQueue(sysops, sysopsCtx(env, execution), batch),
	scheduled: ({ cron }, env, execution) => onScheduled(sysops, sysopsCtx(env, execution), cron),
} satisfies ExportedHandler<SysopsBindings>;
