import { sql as drizzleSql, Placeholder, type Query } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/sqlite-core";
import type { SqlValue, Statement } from "./sql.ts";

/** Builds the text of queries and never runs one. */
export const db = /* @__PURE__ */ new QueryBuilder();
export const placeholder = (name: string) => drizzleSql.placeholder(name);

/** The text of a Drizzle query with `sql.placeholder`s, taken once: a prepared one would be tied to one database. */
export function query(built: { toSQL(): Query }): Statement {
	const { sql: text, params } = built.toSQL();
	return {
		text,
		params: params.map((param) => (param instanceof Placeholder ? String(param.name) : { value: param as SqlValue })), // Drizzle binds nothing else
	};
}
