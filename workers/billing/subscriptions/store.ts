import { sql } from "../../../shared/sql.ts";

/** The newest first. */
export const selectSubscriptions = sql(`
	select starts_at, ends_at, version, phases from subscriptions
	where customer_id = :customerId order by starts_at desc limit 20`);

export const selectCustomer = sql(`
	select email, name, street, postal_code, city, country, region, language from customers where customer_id = :customerId`);
