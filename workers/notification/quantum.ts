import { relay } from "../../shared/messaging/relay.ts";
import { messagingCrons, relayCron } from "../../shared/messaging/schedule.ts";
import { type Quantum, together } from "../../shared/quantum.ts";
import type { NotificationCtx } from "./context.ts";
import { forgetting } from "./notifications/forget.ts";
import { onNotificationRequested } from "./notifications/on-notification-requested.ts";
import { sendDue } from "./notifications/send-due.ts";

/** What notification does without being asked. */
export const notification: Quantum<NotificationCtx> = {
	worker: "notification",
	consumes: [onNotificationRequested],
	onReceipt: [],
	afterEvents: sendDue,
	crons: {
		...messagingCrons(forgetting),
		[relayCron]: (ctx) => together(relay(ctx), sendDue(ctx)),
	},
};
