import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { asPreferred, notify, unsaid } from "../notifications/notify.ts";
import { inviteToSurvey, surveyLifetime } from "../surveys/invitation.ts";

const said = (field: string) => `m.value->>'$.data.${field}'`;
const version = "cast(m.value->>'$.version' as integer)";

/** Nobody has said this, or anything later, of the ticket before. True as long as the ticket is what it was. */
const news = `not exists (select 1 from tickets as t where t.id = ${said("ticketId")}
	and (t.version >= ${version} or t.customer_id <> m.value->>'$.subject'))`;

/** A survey is asked for by the same rule as surveys/invitation.ts makes one. */
const withSurvey = (value: string) => `iif(${said("status")} = 'resolved' and ${said("resolutions")} between 1 and 9999
	and ${said("changedAt")} > :now - ${surveyLifetime}, ${value}, null)`;

/** Whether an expert had been found before, as timeline.ts has it: then it is not a ticket that has just come, or come back. */
const waitsAgain = `${said("status")} in ('received', 'reopened')
	and ${said("steps[#-2].status")} in ('assigned', 'accepted', 'in_progress')`;

const told = notify({
	ways: asPreferred,
	from: admitted,
	// that work has begun, whoever opens the door can see
	where: `${said("status")} <> 'in_progress' and ${news}`,
	template: `iif(${waitsAgain}, 'ticket_waits_again', 'ticket_' || (${said("status")}))`,
	values: {
		...unsaid,
		ticketId: said("ticketId"),
		device: said("ticket.device"),
		expert: said("expert.name"),
		visitFrom: said("visit.from"),
		visitTo: said("visit.to"),
		note: `iif(${said("status")} = 'resolved', ${said("note")}, null)`,
		surveyId: withSurvey(`'srv_' || substr(${said("ticketId")}, 5) || '_' || (${said("resolutions")})`),
		surveyExpiresAt: withSurvey(`:now + ${surveyLifetime}`),
	},
});

/**
 * What has become of a ticket, by its highest version: it never goes back. A ticket that is not here, because helpdesk
 * opened it or the shard was put back, is from now on. A wish of the customer is spent when it has been answered: to
 * reopen, as soon as this resolution is not what sysops speaks of any more; to cancel, when the ticket goes on after one.
 */
export const onTicketStatusChanged = consumption("TicketStatusChanged", {
	newestOf: ({ data }) => ("ticketId" in data ? String(data.ticketId) : ""),
	effects: [
		...told,
		inviteToSurvey,
		`insert into tickets (id, customer_id, status, version, created_at, device, category, priority, text, region, steps,
			resolutions, expert_name, visit_from, visit_to, note, changed_at, request_digest)
		select ${said("ticketId")}, m.value->>'$.subject', ${said("status")}, ${version}, ${said("ticket.submittedAt")},
			${said("ticket.device")}, ${said("ticket.category")}, ${said("ticket.priority")}, ${said("ticket.text")},
			${said("ticket.region")}, m.value->'$.data.steps', ${said("resolutions")}, ${said("expert.name")},
			${said("visit.from")}, ${said("visit.to")}, ${said("note")}, ${said("changedAt")}, ''
		from ${admitted} where true
		on conflict do update set version = excluded.version, status = excluded.status, steps = excluded.steps,
			resolutions = excluded.resolutions, expert_name = excluded.expert_name, visit_from = excluded.visit_from,
			visit_to = excluded.visit_to, note = excluded.note, changed_at = excluded.changed_at,
			region = coalesce(tickets.region, excluded.region),
			reopen_requested_at = iif(excluded.status = 'resolved' and excluded.resolutions = tickets.resolutions,
				tickets.reopen_requested_at, null),
			cancellation_requested_at = iif(excluded.status not in ('resolved', 'cancelled')
				and (tickets.status = 'resolved' or excluded.resolutions > tickets.resolutions),
				null, tickets.cancellation_requested_at)
		where excluded.version > tickets.version and excluded.customer_id = tickets.customer_id`,
	],
});
