import { messagingCrons } from "../../shared/messaging/schedule.ts";
import type { Quantum } from "../../shared/quantum.ts";
import type { NotificationCtx } from "./context.ts";
import { onNotificationRequested } from "./notifications/on-notification-requested.ts";

/** What notification does without being asked. */
export const notification: Quantum<NotificationCtx> = {
	worker: "notification",
	consumes: [onNotificationRequested],
	onReceipt: [],
	crons: messagingCrons(),
};
