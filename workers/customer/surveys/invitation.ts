import { admitted } from "../../../shared/messaging/consumption.ts";
import { days } from "../../../shared/time.ts";

/** How long a survey can be answered, in milliseconds from when the customer is asked. */
export const surveyLifetime = 30 * days;

/**
 * An effect of `TicketStatusChanged`: the survey of the resolution that it tells of, once. Nobody is asked about what
 * was done longer ago than a survey lasts, so none that has been pruned ever comes back; nor about somebody else's ticket.
 */
export const inviteToSurvey = `
	insert into surveys (id, customer_id, ticket_id, expert_id, expert_name, category, region, resolved_at, expires_at)
	select 'srv_' || substr(m.value->>'$.data.ticketId', 5) || '_' || (m.value->>'$.data.resolutions'), m.value->>'$.subject',
		m.value->>'$.data.ticketId', m.value->>'$.data.expert.id', m.value->>'$.data.expert.name',
		m.value->>'$.data.ticket.category', m.value->>'$.data.ticket.region', m.value->>'$.data.changedAt', :now + ${surveyLifetime}
	from ${admitted}
	where m.value->>'$.data.status' = 'resolved' and m.value->>'$.data.resolutions' between 1 and 9999
		and m.value->>'$.data.changedAt' > :now - ${surveyLifetime}
		and not exists (select 1 from tickets where id = m.value->>'$.data.ticketId' and customer_id <> m.value->>'$.subject')
	on conflict do nothing`;
