import type { Cluster } from "../cluster.ts";

type Row = Record<string, string | number | null>;

const monthOf = (at: number) => new Date(at).toISOString().slice(0, 7);

/** Sums by dimension, value and month, as the tables of analytics have them, added up by hand. */
class Sums {
	readonly #rows = new Map<string, Row>();
	readonly #columns: readonly string[];

	constructor(columns: readonly string[]) {
		this.#columns = columns;
	}

	add(dimension: string, value: unknown, at: unknown, measures: Readonly<Record<string, number>>): void {
		if (value === null) return;
		const key = { dimension, value: String(value), month: monthOf(Number(at)) };
		const name = Object.values(key).join(" ");
		const row = this.#rows.get(name) ?? { ...key, ...Object.fromEntries(this.#columns.map((column) => [column, 0])) };
		for (const [column, measure] of Object.entries(measures)) row[column] = Number(row[column]) + measure;
		this.#rows.set(name, row);
	}

	/** What differs, in words. */
	compare(table: string, rows: readonly Row[]): string[] {
		const text = (row: Row) => JSON.stringify(["dimension", "value", "month", ...this.#columns].map((column) => row[column]));
		const [ours, theirs] = [new Set([...this.#rows.values()].map(text)), new Set(rows.map(text))];
		return [
			...[...ours].filter((row) => !theirs.has(row)).map((row) => `${table} lacks ${row}`),
			...[...theirs].filter((row) => !ours.has(row)).map((row) => `${table} has ${row}`),
		];
	}
}

const ratings = ["satisfaction", "expertise", "punctuality", "friendliness"];
const rated = [1, 2, 3, 4, 5].map((rating) => `rated_${rating}`);

/** What the reports are made of is what the facts add up to, each of them counted once. */
export function reportsInTheEnd(cluster: Cluster): string[] {
	const satisfaction = new Sums(["answered", ...rated, ...ratings, "solved"]);
	for (const survey of cluster.rows<Row>("analytics", "select * from surveys")) {
		const sums = Object.fromEntries([...ratings, "solved"].map((column) => [column, Number(survey[column])]));
		const measures = { answered: 1, [`rated_${survey["satisfaction"]}`]: 1, ...sums };
		for (const [dimension, value] of dimensionsOf(survey)) satisfaction.add(dimension, value, survey["submitted_at"], measures);
	}
	const handling = new Sums(["resolved", "cancelled", "assigned", "assign_ms", "resolve_ms", "kept", "reopened", "rejected"]);
	for (const closing of cluster.rows<Row>("analytics", "select * from closings")) {
		const number = (column: string) => Number(closing[column]);
		const yes = (condition: boolean) => Number(condition);
		const rejectedBy: string[] = JSON.parse(String(closing["rejected_by"]));
		const own = {
			resolved: yes(closing["outcome"] === "resolved"),
			cancelled: yes(closing["outcome"] === "cancelled"),
			assigned: yes(closing["assigned_at"] !== null),
			assign_ms: closing["assigned_at"] === null ? 0 : number("assigned_at") - number("opened_at"),
			resolve_ms: closing["outcome"] === "resolved" ? number("closed_at") - number("opened_at") : 0,
			kept: yes(closing["expert_id"] !== null),
		};
		const all = { ...own, reopened: yes(closing["rework_of"] !== null), rejected: rejectedBy.length };
		const at = closing["closed_at"];
		for (const [dimension, value] of dimensionsOf(closing))
			handling.add(dimension, value, at, dimension === "expert" ? own : all);
		handling.add("expert", closing["rework_of"], at, { reopened: 1 });
		for (const expert of rejectedBy) handling.add("expert", expert, at, { rejected: 1 });
	}
	return [
		...satisfaction.compare("satisfaction", cluster.rows<Row>("analytics", "select * from satisfaction")),
		...handling.compare("handling", cluster.rows<Row>("analytics", "select * from handling")),
	];
}

const dimensionsOf = ({ expert_id, category, region }: Row) =>
	Object.entries({ all: "all", expert: expert_id, category, region }) as [string, string | null][]; // columns of text
