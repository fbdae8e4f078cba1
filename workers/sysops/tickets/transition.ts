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

/** The column `steps` with one more, the oldest dropped when they are too many. A number comes into D1 as a real one. */
const stepsWith = (status: string) => `json_insert(
	iif(json_array_length(steps) >= ${ticketLimits.steps}, json_remove(steps, '$[0]'), steps),
	'$[#]', json_object('status', ${told(`'${status}'`)}, 'at', cast(:now as integer)))`;

/** Sets status, version, run and steps of `tickets`; nobody waits any more for the old reason. Other columns are set beside it. */
export const movedTo = (status: typeof tickets.$inferSelect.status): string => `
	status = '${status}', version = max(version + 1, :now), run = :run, changed_at = :now, waiting_reason = null,
	steps = ${stepsWith(status)}`;

/** Sets beside `movedTo` that nobody comes any more. */
export const released = "expert_id = null, expert_name = null, visit_from = null, visit_to = null";

/** Sets beside `movedTo` that it is closed, once more. */
export const closed = "closed_at = :now, closings = closings + 1";

/** The tickets that this batch has changed, as `t`. */
const changed = (rows: string) => `${rows} cross join tickets as t on t.id = m.value->>'$.data.ticketId' and t.run = :run`;

/** After the update, for each row of `rows`, and only `where` the change was that row's. */
export const emitStatusChanged = (rows: string, where = "true") =>
	emission("TicketStatusChanged", {
		from: changed(rows),
		where,
		subject: "t.customer_id",
		version: "t.version",
		data: `json_object('ticketId', t.id, 'status', ${told("t.status")}, 'changedAt', t.changed_at, 'resolutions', t.resolutions,
			'expert', json(iif(t.expert_id is null, 'null', json_object('id', t.expert_id, 'name', t.expert_name))),
			'visit', json(iif(t.visit_from is null, 'null', json_object('from', t.visit_from, 'to', t.visit_to))),
			'note', t.note, 'steps', json(t.steps),
			'ticket', json_object('submittedAt', t.submitted_at, 'device', t.device, 'category', t.category,
				'priority', t.priority, 'text', t.text, 'region', t.region))`,
	});

/** After the update, for each row of `rows` whose ticket is closed now, and only `where` the change was that row's. */
export const emitClosed = (rows: string, where = "true") =>
	emission("TicketClosed", {
		from: changed(rows),
		where: `t.status in ('resolved', 'cancelled') and ${where}`,
		data: `json_object('ticketId', t.id, 'closing', t.closings, 'outcome', t.status, 'category', t.category, 'region', t.region,
			'expertId', t.expert_id, 'openedAt', t.opened_at, 'assignedAt', t.assigned_at, 'closedAt', t.closed_at,
			'reworkOf', t.rework_of,
			'rejectedBy', json((select json_group_array(expert_id) from (select expert_id from rejections
				where ticket_id = t.id and rejected_at >= t.opened_at limit ${ticketLimits.rejections}))))`,
	});
