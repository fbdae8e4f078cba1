import { onQueue, onScheduled } from "../../shared/quantum.ts";
import { app } from "./app.ts";
import { notificationCtx } from "./context.ts";
import { notification } from "./quantum.ts";

export default {
	fetch: app.fetch,
	queue: (batch, env, execution) => onQueue(notification, notificationCtx(env, execution), batch),
	scheduled: ({ cron }, env, execution) => onScheduled(notification, notificationCtx(env, execution), cron),
} satisfies ExportedHandler<NotificationBindings>;
