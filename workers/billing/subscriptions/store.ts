import { desc, eq } from "drizzle-orm";
import { db, placeholder, query } from "../../../shared/query.ts";
import { customers, subscriptions } from "../tables.ts";

/** The newest first. */
export const selectSubscriptions = query(
	db
		.select({
			startsAt: subscriptions.startsAt,
			endsAt: subscriptions.endsAt,
			version: subscriptions.version,
			phases: subscriptions.phases,
		})
		.from(subscriptions)
		.where(eq(subscriptions.customerId, placeholder("customerId")))
		.orderBy(desc(subscriptions.startsAt))
		.limit(20),
);

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
