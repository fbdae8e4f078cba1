import type { Database } from "./context.ts";

export type SqlValue = string | number | null;
export type SqlParams = Readonly<Record<string, SqlValue>>;

/** SQL text that is built once at module level, with its parameters in order: a name, or a value that is always the same. */
export interface Statement {
	readonly text: string;
	readonly params: readonly (string | { readonly value: SqlValue })[];
}

/**
 * Turns `:name` into D1's numbered parameters, so that one parameter can stand in several places. Values are only
 * ever bound; what is interpolated into the text is other SQL of ours.
 */
export function sql(text: string): Statement {
	const params: string[] = [];
	const numbered = text.replace(/(?<![:\w]):([a-z]\w*)/gi, (_, name: string) => {
		if (!params.includes(name)) params.push(name);
		return `?${params.indexOf(name) + 1}`;
	});
	return { text: numbered, params };
}

/** Binds by name. A missing name is a programming error and throws; names that the text does not use are left out. */
export function prepare(database: Database, statement: Statement, params: SqlParams): D1PreparedStatement {
	const values = statement.params.map((param) => {
		const value = typeof param === "string" ? params[param] : param.value;
		if (value === undefined) throw new Error(`no value for ${param} in ${statement.text}`);
		return value;
	});
	return database.prepare(statement.text).bind(...values);
}
