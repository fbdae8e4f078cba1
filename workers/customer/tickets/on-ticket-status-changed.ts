import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { inviteToSurvey } from "../surveys/invitation.ts";

/** What has become of a ticket, by its highest version: it never goes back. */
export const onTicketStatusChanged = consumption("TicketStatusChanged", {
	newestOf: ({ data }) => ("ticketId" in data ? String(data.ticketId) : ""),
	effects: [
		inviteToSurvey,
		`update tickets set version = cast(m.value->>'$.version' as integer), status = m.value->>'$.data.status'
		from ${admitted}
		where tickets.id = m.value->>'$.data.ticketId' and cast(m.value->>'$.version' as integer) > tickets.version`,
	],
});
