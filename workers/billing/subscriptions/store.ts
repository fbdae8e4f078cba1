import { eq } from "drizzle-orm";
import { db, placeholder, query } from "../../../shared/query.ts";
import { sql } from "../../../shared/sql.ts";
import { customers } from "../tables.ts";

/**
 * The newest first. A customer has one plan at a time: where the end of an older one never came, as when a customer's
 * shard was put back to before its plan, the next one is its end. Nobody pays for two.
 */
export const selectSubscriptions = sql(`
	select starts_at, version, phases, iif(ends_at <= next_starts_at, ends_at, coalesce(next_starts_at, ends_at)) as ends_at
	from (select *, lag(starts_at) over (order by starts_at desc) as next_starts_at
		from subscriptions where customer_id = :customerId)
	order by starts_at desc limit 20`);

export const selectCustomer = query(
	db
		.select({
			email: customers.email,
			name: customers.name,
			street: customers.street,
			postalCode: customers.postalCode,
			city: customers.city,
			country: customers.country,
			region: customers.region,
			language: customers.language,
		})
		.from(customers)
		.where(eq(customers.customerId, placeholder("customerId"))),
);
