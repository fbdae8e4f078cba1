import { ticketLimits } from "../../../shared/events/sysops.ts";
import { emission } from "../../../shared/messaging/effects.ts";
import type { tickets } from "../tables.ts";

/**
 * How a ticket moves on: an update of `tickets` that sets `movedTo(…)` under a guard, then the emissions below, which read
 * what that very batch has changed. The same SQL serves verbs, jobs and consumed events: rows `m` with `$.data.ticketId`.
 */

/** Rows of a verb or a job. */
export const given = "json_each(:messages) as m";

/** What the customer is told of a ticket that waits: whether it does so again. */
const told = (status: string) => `iif(${status} = 'queued', iif(resolutions > 0, 'reopened', 'received'), ${status})`;

/** Sets status, version, run and steps of `tickets`. Other columns are set beside it. */
export const movedTo = (status: typeof tickets.$inferSelect.status): string => `
	status = '${status}', version = max(version + 1, :now), run = :run, changed_at = :now,
	steps = json_insert(
		iif(json_array_length(steps) >= ${ticketLimits.steps}, json_remove(steps, '$[0]'), steps),
		'$[#]', json_object('status', ${told(`'${status}'`)}, 'at', :now))`;

/** The tickets that this batch has changed, as `t`. */
const changed = (rows: string) => `${rows} cross join tickets as t on t.id = m.value->>'$.data.ticketId' and t.run = :run`;

/** After the update, for each row of `rows`. */
export const emitStatusChanged = (rows: string) =>
	emission("TicketStatusChanged", {
		from: changed(rows),
		version: "t.version",
		data: `json_object('ticketId', t.id, 'status', ${told("t.status")}, 'changedAt', t.changed_at, 'resolutions', t.resolutions,
			'expert', json(iif(t.expert_id is null, 'null', json_object('id', t.expert_id, 'name', t.expert_name))),
			'visit', json(iif(t.visit_from is null, 'null', json_object('from', t.visit_from, 'to', t.visit_to))),
			'note', t.note, 'steps', json(t.steps),
			'ticket', json_object('submittedAt', t.submitted_at, 'device', t.device, 'category', t.category,
				'priority', t.priority, 'text', t.text, 'region', t.region))`,
	});

/** After the update, for each row of `rows` whose ticket is closed now. */
export const emitClosed = (rows: string) =>
	emission("TicketClosed", {
		from: changed(rows),
		where: "t.status in ('resolved', 'cancelled')",
		data: `json_object('ticketId', t.id, 'closing', t.closings, 'outcome', t.status, 'category', t.category, 'region', t.region,
			'expertId', t.expert_id, 'openedAt', t.opened_at, 'assignedAt', t.assigned_at, 'closedAt', t.closed_at,
			'reworkOf', t.rework_of,
			'rejectedBy', json((select json_group_array(expert_id) from (select expert_id from rejections
				where ticket_id = t.id and rejected_at >= t.opened_at limit ${ticketLimits.rejections}))))`,
	});
