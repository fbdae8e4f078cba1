import { onQueue, onScheduled } from "../../shared/quantum.ts";
import { app } from "./app.ts";
import { sysopsCtx } from "./context.ts";
import { sysops } from "./quantum.ts";

export default {
	fetch: app.fetch,
	queue: (batch, env, execution) => onQueue(sysops, sysopsCtx(env, execution), batch),
	scheduled: ({ cron }, env, execution) => onScheduled(sysops, sysopsCtx(env, execution), cron),
} satisfies ExportedHandler<SysopsBindings>;
