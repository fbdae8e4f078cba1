import { onQueue, onScheduled } from "../../shared/quantum.ts";
import { app } from "./app.ts";
import { analyticsCtx } from "./context.ts";
import { analytics } from "./quantum.ts";

export default {
	fetch: app.fetch,
	queue: (batch, env, execution) => onQueue(analytics, analyticsCtx(env, execution), batch),
	scheduled: ({ cron }, env, execution) => onScheduled(analytics, analyticsCtx(env, execution), cron),
} satisfies ExportedHandler<AnalyticsBindings>;
