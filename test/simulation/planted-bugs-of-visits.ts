import type { PlantedBug } from "./catch-bug.ts";

/** From a ticket that waits to what its customer is told and asked: bugs that somebody could write there. */
export const plantedBugsOfVisits: readonly PlantedBug[] = [
	{
		name: "an expert is sent to a ticket that waits no more",
		file: "workers/sysops/assignment/save-plan.ts",
		find: "	and t.status = 'queued' and t.version = m.value->>'$.data.ticketVersion'`;",
		replace: "	and m.value->>'$.data.ticketVersion' is not null`;",
	},
	{
		name: "a plan is carried out though its expert has changed since",
		file: "workers/sysops/assignment/save-plan.ts",
		find: " and e.version = m.value->>'$.data.expertVersion' and e.active",
		replace: "",
	},
	{
		name: "who has sent a ticket back is not remembered",
		file: "workers/sysops/tickets/reject-ticket.ts",
		find: "select id, expert_id, :now, :said from tickets where id = :ticketId and ${decided}",
		replace: "select id, expert_id, :now, :said from tickets where false and ${decided}",
	},
	{
		name: "a visit that is given back stays in the expert's calendar",
		file: "workers/sysops/assignment/give-back.ts",
		find: "t.run = :run and t.status = 'queued')`),",
		replace: "t.run = :run and false)`),",
	},
	{
		name: "experts move tickets on that are not theirs",
		file: "workers/sysops/tickets/move.ts",
		find: `.join(", ")}) and \${theirs}`,
		replace: `.join(", ")}) and (true or \${theirs})`,
	},
	{
		name: "a ticket is moved on from wherever it is",
		file: "workers/sysops/tickets/move.ts",
		find: "where id = :ticketId and status in (",
		replace: "where id = :ticketId and status not in ('', ",
	},
	{
		name: "a visit that has begun is cancelled",
		file: "workers/sysops/tickets/on-ticket-cancellation-requested.ts",
		find: "status in ('queued', 'assigned', 'accepted')",
		replace: "status in ('queued', 'assigned', 'accepted', 'in_progress')",
	},
	{
		name: "a reopened ticket keeps the visit of before",
		file: "workers/sysops/tickets/on-ticket-reopen-requested.ts",
		find: "on t.id = m.value->>'$.data.ticketId' and t.run = :run and t.status = 'queued')`,",
		replace: "on t.id = m.value->>'$.data.ticketId' and t.run = :run and t.status = '')`,",
	},
	{
		name: "closing a ticket is not counted",
		file: "workers/sysops/tickets/transition.ts",
		find: "closed_at = :now, closings = closings + 1",
		replace: "closed_at = :now, closings = max(closings, 1)",
	},
	{
		name: "a ticket that is opened on the phone is told to nobody",
		file: "workers/sysops/tickets/open-ticket.ts",
		find: "	emitStatusChanged(given),\n].map(effect);",
		replace: "	emitStatusChanged(given, 'false'),\n].map(effect);",
	},
	{
		name: "a customer's view follows whatever arrives last",
		file: "workers/customer/tickets/on-ticket-status-changed.ts",
		find: "where excluded.version > tickets.version and excluded",
		replace: "where excluded",
	},
	{
		name: "what is no news is told again",
		file: "workers/customer/tickets/on-ticket-status-changed.ts",
		find: "<> 'in_progress' and ${news}`,",
		replace: "<> 'in_progress' and (true or ${news})`,",
	},
	{
		name: "a receipt that comes late sets a ticket back",
		file: "workers/customer/tickets/on-ticket-received.ts",
		find: "where status = 'submitted' and id in",
		replace: "where id in",
	},
	{
		name: "who wants no e-mail gets it all the same",
		file: "workers/customer/notifications/notify.ts",
		find: `"p.notify_by_email and p.email <> ''"`,
		replace: `"p.email <> ''"`,
	},
	{
		name: "nobody is asked how a visit went",
		file: "workers/customer/surveys/invitation.ts",
		find: "where m.value->>'$.data.status' = 'resolved' and",
		replace: "where m.value->>'$.data.status' = 'done' and",
	},
	{
		name: "a survey is answered again",
		file: "workers/customer/surveys/store.ts",
		find: "where id = :surveyId and answered_at is null and",
		replace: "where id = :surveyId and",
	},
	{
		name: "answers that come too late are sent all the same",
		file: "workers/customer/surveys/store.ts",
		find: `guard: "changes() = 1 and s.id = :surveyId"`,
		replace: `guard: "s.id = :surveyId"`,
	},
	{
		name: "what was answered stays with the survey",
		file: "workers/customer/surveys/submit-survey.ts",
		find: "now, surveyId, answerKey };",
		replace: "now, surveyId, answerKey: `${answerKey} ${JSON.stringify(answers)}` };",
	},
	{
		name: "the claim of a message is no lease",
		file: "workers/notification/notifications/store.ts",
		find: "next_attempt_at = iif(expires_at <= :now, null, :now + ${lease})",
		replace: "next_attempt_at = iif(expires_at <= :now, null, :now)",
	},
	{
		name: "a message is noted as sent before it is",
		file: "workers/notification/notifications/send-due.ts",
		find: "	try {\n		await send(ctx, channel, row);\n",
		replace: "	await note(markSent);\n	try {\n		await send(ctx, channel, row);\n",
	},
	{
		name: "a way out that does not answer is given up at once",
		file: "workers/notification/notifications/send-due.ts",
		find: "await note(final ? markFailed : markNotTaken,",
		replace: "await note(final ? markNotTaken : markFailed,",
	},
	{
		name: "what was sent, and to whom, is kept",
		file: "workers/notification/notifications/store.ts",
		find: "next_attempt_at = null, recipient = null, content = null,",
		replace: "next_attempt_at = null,",
	},
	{
		name: "answers count as often as they arrive",
		file: "workers/analytics/surveys/on-survey-submitted.ts",
		find: "from json_each(:messages) as m) and run = :run",
		replace: "from json_each(:messages) as m) and :run <> ''",
	},
	{
		name: "what is closed counts as often as it is told",
		file: "workers/analytics/tickets/on-ticket-closed.ts",
		find: "from json_each(:messages) as m) and run = :run",
		replace: "from json_each(:messages) as m) and :run <> ''",
	},
];
