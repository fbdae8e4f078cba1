import { expect, it } from "vitest";
import { withoutRowid } from "./without-rowid.ts";

const generated = `CREATE TABLE \`plans\` (
	\`customer_id\` text PRIMARY KEY NOT NULL,
	CONSTRAINT "positive" CHECK(length(customer_id) > 0)
);
--> statement-breakpoint
CREATE INDEX \`plans_of\` ON \`plans\` (\`customer_id\`);--> statement-breakpoint
CREATE TABLE \`notes\` (
	\`id\` text PRIMARY KEY NOT NULL
);
`;

it("makes every created table WITHOUT ROWID and touches nothing else", () => {
	expect(withoutRowid(generated)).toBe(`CREATE TABLE \`plans\` (
	\`customer_id\` text PRIMARY KEY NOT NULL,
	CONSTRAINT "positive" CHECK(length(customer_id) > 0)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX \`plans_of\` ON \`plans\` (\`customer_id\`);--> statement-breakpoint
CREATE TABLE \`notes\` (
	\`id\` text PRIMARY KEY NOT NULL
) WITHOUT ROWID;
`);
});

it("leaves a migration alone that has been through it", () => {
	const once = withoutRowid(generated);
	expect(withoutRowid(once)).toBe(once);
});

it("leaves changes of tables and of data alone", () => {
	const sql = "ALTER TABLE `plans` ADD `note` text;--> statement-breakpoint\nUPDATE `plans` SET `note` = '(none)';";
	expect(withoutRowid(sql)).toBe(sql);
});
