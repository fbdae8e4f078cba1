import { admitted } from "../../../shared/messaging/consumption.ts";
import { sql } from "../../../shared/sql.ts";
import { days } from "../../../shared/time.ts";
import { nameKey, phoneKey } from "./search-keys.ts";

/**
 * For so long a message about a ticket that is not here may have overtaken it: longer than sysops is ever away. What is
 * older is about one that was pruned.
 */
const arrivesWithin = 365 * days;

const unknown = "not exists (select 1 from tickets where id = m.value->>'$.data.ticketId')";
const ofAnotherCustomer = `(select 'other_customer' from tickets
	where id = m.value->>'$.data.ticketId' and customer_id <> m.value->>'$.subject')`;

/** When a message about a ticket, which says in `time` when it was meant, has to wait, and when it can never be accepted. */
export function aboutTicket(time: string): { deferWhile: string; rejectWhen: string } {
	const young = `m.value->>'$.data.${time}' > :now - ${arrivesWithin}`;
	return {
		deferWhile: `(${unknown} and ${young})`,
		rejectWhen: `coalesce(${ofAnotherCustomer}, iif(${unknown}, 'ticket_gone', null))`,
	};
}

/**
 * The tickets that the admitted messages are about. A condition on the status beside it is written `+status`: else SQLite
 * reads all tickets of that status by its index.
 */
export const named = `(select m.value->>'$.data.ticketId' from ${admitted})`;

/** Keeps what the customer has written; `time` is the field that says when. */
export const keepComment = (time: string) => `
	insert into comments (id, ticket_id, commented_at, text)
	select m.value->>'$.data.commentId', m.value->>'$.data.ticketId', m.value->>'$.data.${time}', m.value->>'$.data.text'
	from ${admitted} where true
	on conflict do nothing`;

/** Puts a ticket of each of `rows` into the queue: data as in `TicketSubmitted`, and who and what makes it, as SQL. */
export const insertTicket = (rows: string, { where = "true", openedBy = "null", run = "null", version = "0" } = {}) => `
	insert into tickets (id, customer_id, status, version, run, submitted_at, opened_at, received_at, changed_at, device,
		category, priority, text, customer, customer_name, customer_phone, region, availability, opened_by, steps)
	select m.value->>'$.data.ticketId', m.value->>'$.subject', 'queued', ${version}, ${run}, m.value->>'$.data.submittedAt',
		m.value->>'$.data.submittedAt', :now, :now, m.value->>'$.data.device', m.value->>'$.data.category',
		m.value->>'$.data.priority', m.value->>'$.data.text', m.value->'$.data.customer',
		${nameKey("m.value->>'$.data.customer.name'")}, ${phoneKey("m.value->>'$.data.customer.phone'")},
		m.value->>'$.data.customer.region', m.value->'$.data.availability', ${openedBy},
		json_array(json_object('status', 'received', 'at', cast(:now as integer)))
	from ${rows} where ${where}
	on conflict do nothing`;

export const ticketFields = `id, customer_id, status, submitted_at, received_at, opened_at, opened_by, device, category,
	priority, text, customer, region, availability, waiting_reason, steps, expert_id, expert_name, visit_from, visit_to,
	assigned_at, note, resolutions, closed_at, cancellation_requested_at`;

/** The first comments of a ticket in the order of time. */
export const selectComments = sql(`
	select id, commented_at, author, text from comments
	where ticket_id = :ticketId order by commented_at, id limit 100`);

export const selectRejections = sql(`
	select r.expert_id, e.name as expert_name, r.rejected_at, r.reason
	from rejections as r left join experts as e on e.id = r.expert_id
	where r.ticket_id = :ticketId order by r.rejected_at, r.expert_id limit 100`);
