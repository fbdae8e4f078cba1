const breakpoint = "--> statement-breakpoint";

/**
 * Makes every table of a migration WITHOUT ROWID, which drizzle-kit cannot say: one written row less for each insert
 * into a table with a primary key of its own. Leaves alone what has it already.
 */
export function withoutRowid(migration: string): string {
	return migration
		.split(breakpoint)
		.map((statement) =>
			/^\s*create\s+table\b/i.test(statement) ? statement.replace(/\)\s*;?(\s*)$/, ") WITHOUT ROWID;$1") : statement,
		)
		.join(breakpoint);
}
