import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Of every quantum that the staff reach. */

/** Who of the staff may do what here. Access says who somebody is, this table what they are. */
export const staff = sqliteTable("staff", {
	/** As in the `email` claim of the Access token, lower case. */
	email: text("email").primaryKey(),
	role: text("role", { enum: ["expert", "helpdesk", "administrator"] }).notNull(),
});

/** What the staff changed, in the batch that changed it. Never edited. */
export const audit = sqliteTable(
	"audit",
	{
		id: text("id").primaryKey(),
		at: integer("at").notNull(),
		/** The `email` claim of who did it. */
		actor: text("actor").notNull(),
		/** A word such as `contract_created`. */
		action: text("action").notNull(),
		/** The id of what was changed. */
		subject: text("subject").notNull(),
		/** JSON; null when there was nothing. */
		before: text("before"),
		after: text("after"),
	},
	(t) => [index("audit_of_subject").on(t.subject, t.at)],
);
