import { reset } from "cloudflare:test";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Statement } from "../../shared/sql.ts";
import { rowsOf } from "../../shared/testing/database.ts";
import { migrateDatabases } from "../../shared/testing/migrations.ts";
import { days } from "../../shared/time.ts";
import * as deliveries from "./delivery/store.ts";
import { sweepDeliveries } from "./delivery/sweep-deliveries.ts";
import * as invoices from "./invoices/store.ts";
import * as staff from "./payments/staff-store.ts";
import { Bench, delay, softly, start } from "./payments/test-bench.ts";
import * as refunds from "./refunds/store.ts";
import { workRefunds } from "./refunds/work-refunds.ts";

let bench: Bench;
beforeEach(async () => {
	await migrateDatabases();
	bench = new Bench();
});
afterEach(() => reset());

const isStatement = (value: unknown): value is Statement => typeof value === "object" && value !== null && "text" in value;

/** All that billing says to a shard while it takes events, charges, gives back and delivers, and what the staff may ask. */
async function allStatements(): Promise<Set<string>> {
	const said = new Set(
		[deliveries, invoices, staff, refunds]
			.flatMap((store) => Object.values(store))
			.filter(isStatement)
			.map(({ text }) => text),
	);
	const { billing00 } = bench.quanta.databases;
	const { prepare } = billing00;
	Object.assign(billing00, {
		prepare: (text: string) => {
			said.add(text);
			return prepare(text);
		},
	});
	const { id, contract } = await bench.givenPayer();
	bench.provider.script.push(softly);
	await bench.at(start + delay);
	await bench.at(start + delay + 3 * days);
	await bench.plan(id, [[start, contract]], { endsAt: start });
	await bench.at(start + delay + 40 * days);
	await bench.removeCard(id, await bench.card(id, "5555555555554444"));
	await workRefunds(bench.ctx());
	await sweepDeliveries(bench.ctx());
	Object.assign(billing00, { prepare });
	return said;
}

/** What a plan goes through from end to end though it is stored: not what was put together a step before. `series` has two rows. */
function tablesScanned(details: readonly string[]): string[] {
	const made = new Set(details.map((detail) => /^(?:MATERIALIZE|CO-ROUTINE) (\S+)/.exec(detail)?.[1]));
	return details.filter((detail) => {
		const [, name] = /^SCAN (\S+)/.exec(detail) ?? [];
		return name !== undefined && name !== "series" && !made.has(name) && !/VIRTUAL TABLE|CONSTANT ROW|VALUES CLAUSE/.test(detail);
	});
}

it("every statement comes to its rows by an index, and no join begins with a whole table", async () => {
	const statements = await allStatements();
	const found: string[] = [];
	for (const text of statements) {
		const params = Math.max(0, ...[...text.matchAll(/\?(\d*)/g)].map(([, number], at) => Number(number || at + 1)));
		const plan = await rowsOf<{ detail: string }>(bench.billing00, `explain query plan ${text}`, ...Array(params).fill(null));
		found.push(...tablesScanned(plan.map(({ detail }) => detail)).map((detail) => `${detail}: ${text}`));
	}

	expect(found).toEqual([]);
	expect(statements.size).toBeGreaterThan(80);
});

it("a whole table is noticed", () => {
	expect(tablesScanned(["MATERIALIZE found", "SCAN found", "SCAN m VIRTUAL TABLE INDEX 1:", "SCAN periods"])).toEqual([
		"SCAN periods",
	]);
});
