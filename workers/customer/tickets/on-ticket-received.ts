import { onReceipt } from "../../../shared/messaging/receipts.ts";

/** The receipt of `TicketSubmitted` is what 'received' means. Forwards only. */
export const onTicketReceived = onReceipt(
	"TicketSubmitted",
	"sysops",
	(confirmed) => `
	update tickets set status = 'received'
	where status = 'submitted' and id in (select o.event->>'$.data.ticketId' from ${confirmed})`,
);
