import type { Database } from "./context.ts";

export type SqlValue = string | number | null;
export type SqlParams = Readonly<Record<string, SqlValue>>;

/** SQL text that is built once at module level, with the names of its parameters in order. */
export interface Statement {
	readonly text: string;
	readonly params: readonly string[];
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
	const values = statement.params.map((name) => {
		const value = params[name];
		if (value === undefined) throw new Error(`no value for ${name} in ${statement.text}`);
		return value;
	});
	return database.prepare(statement.text).bind(...values);
}
