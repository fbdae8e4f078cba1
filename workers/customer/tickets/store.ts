import { outboxInsert } from "../../../shared/messaging/outbox.ts";
import { sql } from "../../../shared/sql.ts";
import { notRevoked } from "../sessions/revoked.ts";

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

export const insertComment = sql(`
	insert into comments (id, ticket_id, created_at, text, request_digest)
	select :commentId, id, :now, :text, :requestDigest
	from tickets where id = :ticketId and customer_id = :customerId and ${notRevoked}
	on conflict do nothing`);

export const requestCancellation = sql(`
	update tickets set cancellation_requested_at = :now
	where id = :ticketId and customer_id = :customerId and cancellation_requested_at is null and ${notRevoked}`);

/** Directly after the one change that it reports. */
export const emitChange = outboxInsert();

const ticketFields = "id, status, created_at, device, category, priority, text, cancellation_requested_at";

/** A page of a customer's tickets, the newest first. */
export const selectTickets = sql(`
	select ${ticketFields} from tickets
	where customer_id = :customerId and (created_at, id) < (:at, :id)
	order by created_at desc, id desc limit :limit`);

export const selectTicket = sql(`
	select ${ticketFields}, request_digest from tickets where id = :ticketId and customer_id = :customerId`);

/** The newest comments of a ticket: its owner is checked by `selectTicket` in the same batch. */
export const selectComments = sql(`
	select id, created_at, text from comments where ticket_id = :ticketId order by created_at desc, id desc limit 100`);

export const selectComment = sql("select id, created_at, text, request_digest from comments where id = :commentId");
