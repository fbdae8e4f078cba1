import { onReceipt } from "../../../shared/messaging/receipts.ts";

/** The receipt of `TicketSubmitted` is what 'received' means. Forwards only: whatever sysops has said since is later. */
export const onTicketReceived = onReceipt(
	"TicketSubmitted",
	"sysops",
	(confirmed) => `
	update tickets set status = 'received', changed_at = :now, steps = json_array(json_object('status', 'received', 'at', :now))
	where status = 'submitted' and id in (select o.event->>'$.data.ticketId' from ${confirmed})`,
);
