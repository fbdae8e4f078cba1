import { outboxInsert } from "../../../shared/messaging/outbox.ts";
import { sql } from "../../../shared/sql.ts";
import { notRevoked } from "../sessions/revoked.ts";

/** What the customer says, as parameter → column of `profiles`. */
const said = {
	name: "name",
	street: "street",
	postalCode: "postal_code",
	city: "city",
	country: "country",
	region: "region",
	phone: "phone",
	language: "language",
	notifyByEmail: "notify_by_email",
	notifyBySms: "notify_by_sms",
} as const;
const columns = Object.values(said);
const each = (text: (column: string) => string) => columns.map(text).join(", ");

/** Hits nothing when the session is revoked, or when all of it has been said before. */
export const upsertProfile = sql(`
	insert into profiles (customer_id, ${columns.join(", ")}, version)
	select :customerId, ${Object.keys(said)
		.map((field) => `:${field}`)
		.join(", ")}, :now
	where ${notRevoked}
	on conflict do update set ${each((column) => `${column} = excluded.${column}`)}, version = max(version + 1, excluded.version)
	where (${each((column) => `profiles.${column}`)}) is not (${each((column) => `excluded.${column}`)})`);

/**
 * Only a profile that is not there yet, or that has no address, gets it. Billing hears of it at once: a plan may be signed by
 * somebody who has said nothing else. So it does of one without a version, of which it has not heard yet.
 */
export const openProfile = sql(`
	insert into profiles (customer_id, email, version) values (:customerId, :email, :now)
	on conflict do update set email = iif(profiles.email = '', excluded.email, profiles.email),
		version = max(profiles.version + 1, excluded.version)
	where profiles.email = '' or profiles.version = 0`);

/** Hits nothing when this change, or a later one, has been written before. */
export const upsertEmail = sql(`
	insert into profiles (customer_id, email, email_changed_at, version) values (:customerId, :email, :changedAt, :now)
	on conflict do update set email = excluded.email, email_changed_at = excluded.email_changed_at,
		version = max(version + 1, excluded.version)
	where excluded.email_changed_at > profiles.email_changed_at`);

/** Directly after one of those above. Without an address there is nobody to write to, without a version nothing to say. */
export const emitCustomerChanged = outboxInsert({
	event: `json_set(:event, '$.version', cast(p.version as text), '$.data', json_object('email', p.email, 'name', p.name,
		'street', p.street, 'postalCode', p.postal_code, 'city', p.city, 'country', p.country, 'region', p.region,
		'language', p.language))`,
	from: "profiles as p",
	guard: "changes() = 1 and p.customer_id = :customerId and p.email <> '' and p.version > 0",
});

export const selectProfile = sql(`
	select name, street, postal_code, city, country, region, phone, email, language, notify_by_email, notify_by_sms
	from profiles where customer_id = :customerId`);
