import { emission } from "../../../shared/messaging/effects.ts";
import { outboxInsert } from "../../../shared/messaging/outbox.ts";
import { sql } from "../../../shared/sql.ts";
import { notRevoked } from "../sessions/revoked.ts";
import { cancellable, closed, closedFor } from "./ticket.ts";

/** What sysops is told of the customer, as event field → column of `profiles`. A profile is complete with all of them. */
export const snapshotColumns = {
	name: "name",
	street: "street",
	postalCode: "postal_code",
	city: "city",
	country: "country",
	region: "region",
	phone: "phone",
} as const;

const columns = Object.entries(snapshotColumns);
const snapshot = `json_object(${columns.map(([field, column]) => `'${field}', p.${column}`).join(", ")})`;
const complete = columns.map(([, column]) => `p.${column} <> ''`).join(" and ");
const activePlan = `exists (select 1 from plans
	where customer_id = :customerId and starts_at <= :now and (ends_at is null or ends_at > :now))`;

/** Everything that a ticket depends on stands in its own guard. Hits nothing when one of it fails or the id is taken. */
export const insertTicket = sql(`
	insert into tickets (id, customer_id, status, created_at, device, category, priority, text, availability, region,
		request_digest)
	select :ticketId, :customerId, 'submitted', :now, :device, :category, :priority, :text, :availability, p.region, :requestDigest
	from profiles as p
	where p.customer_id = :customerId and ${complete} and ${activePlan} and ${notRevoked}
	on conflict do nothing`);

/** `TicketSubmitted`, with the customer's name and address as the shard has them at this moment. */
export const emitTicketSubmitted = outboxInsert({
	event: `json_set(:event, '$.data.customer', ${snapshot})`,
	from: "profiles as p",
	guard: "changes() = 1 and p.customer_id = :customerId",
});

/** Why a ticket could not be submitted. Always one row. */
export const explainRefusal = sql(`
	select ${columns.map(([field, column]) => `p.${column} as ${field}`).join(", ")},
		not ${notRevoked} as revoked, ${activePlan} as active
	from (select 1) left join profiles as p on p.customer_id = :customerId`);

const oneOf = (statuses: readonly string[]) => `(${statuses.map((status) => `'${status}'`).join(", ")})`;
const ownTicket = `id = :ticketId and customer_id = :customerId and ${notRevoked}`;

/** Hits nothing when the service team may have forgotten the ticket. */
export const insertComment = sql(`
	insert into comments (id, ticket_id, created_at, text, request_digest)
	select :commentId, id, :now, :text, :requestDigest
	from tickets
	where ${ownTicket} and (status not in ${oneOf(closed)} or coalesce(changed_at, created_at) > :now - ${closedFor})
	on conflict do nothing`);

export const requestCancellation = sql(`
	update tickets set cancellation_requested_at = :now
	where ${ownTicket} and cancellation_requested_at is null and status in ${oneOf(cancellable)}`);

/** What the customer says is wrong again, if the ticket can be reopened; the wish follows it, and then its event. */
export const insertReopeningComment = `
	insert into comments (id, ticket_id, created_at, text, request_digest)
	select :commentId, id, :now, :text, :requestDigest
	from tickets
	where ${ownTicket} and status = 'resolved' and changed_at > :now - ${closedFor} and reopen_requested_at is null
	on conflict do nothing`;

/** An older wish to cancel is spent. */
export const requestReopening = `
	update tickets set reopen_requested_at = :now, cancellation_requested_at = null where id = :ticketId and changes() = 1`;

export const emitReopenRequested = emission("TicketReopenRequested", {
	from: "json_each(:messages) as m cross join tickets as t on t.id = :ticketId",
	where: "changes() = 1",
	data: `json_object('ticketId', t.id, 'requestedAt', :now, 'resolution', t.resolutions, 'commentId', :commentId, 'text', :text)`,
});

/** Directly after the one change that it reports. */
export const emitChange = outboxInsert();

const ticketFields = `id, status, created_at, device, category, priority, text, availability, resolutions, expert_name, visit_from,
	visit_to, note, changed_at, cancellation_requested_at, reopen_requested_at`;

/** A page of a customer's tickets, the newest first. */
export const selectTickets = sql(`
	select ${ticketFields} from tickets
	where customer_id = :customerId and (created_at, id) < (:at, :id)
	order by created_at desc, id desc limit :limit`);

export const selectTicket = sql(`
	select ${ticketFields}, steps, request_digest from tickets where id = :ticketId and customer_id = :customerId`);

const commentFields = "id, created_at, text, author";

/** The newest comments of a ticket: its owner is checked by `selectTicket` in the same batch. */
export const selectComments = sql(`
	select ${commentFields} from comments where ticket_id = :ticketId order by created_at desc, id desc limit 100`);

export const selectComment = sql(`select ${commentFields}, request_digest from comments where id = :commentId`);
