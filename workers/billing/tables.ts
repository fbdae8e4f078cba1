import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export * from "../../shared/contracts/tables.ts";
export * from "../../shared/messaging/tables.ts";
export * from "../../shared/staff/tables.ts";

/** One shard's part of the customers, under the shard's own number. All tables are WITHOUT ROWID; times are ms, UTC. */

/** To whom an invoice is written: `CustomerChanged` of the highest version. */
export const customers = sqliteTable("customers", {
	customerId: text("customer_id").primaryKey(),
	version: integer("version").notNull(),
	email: text("email").notNull(),
	name: text("name"),
	street: text("street"),
	postalCode: text("postal_code"),
	city: text("city"),
	country: text("country"),
	region: text("region"),
	language: text("language").notNull(),
});

/** What is to be charged: `PlanChanged` of the highest version, one for each plan that a customer ever had. */
export const subscriptions = sqliteTable(
	"subscriptions",
	{
		customerId: text("customer_id").notNull(),
		startsAt: integer("starts_at").notNull(),
		version: integer("version").notNull(),
		endsAt: integer("ends_at"),
		/** As in the event: JSON. */
		phases: text("phases").notNull(),
	},
	(t) => [primaryKey({ columns: [t.customerId, t.startsAt] })],
);
