import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { PlanChanged, regions, SkillCategory } from "../../shared/events/customer.ts";
import { Phases } from "../../workers/customer/plans/plan.ts";
import { type ExpertRow, expertOf } from "../../workers/sysops/experts/expert.ts";
import { NewExpert } from "../../workers/sysops/experts/schemas.ts";
import { expertView } from "../../workers/sysops/experts/view.ts";
import { demoData, type SeedStatement } from "./demo.ts";
import { demoContracts } from "./demo-contracts.ts";

const catalogue = new Map(
	demoContracts.map(({ contract_id, version, terms }) => [`${contract_id} ${version}`, JSON.parse(terms)]),
);

/** The rows of a table, as the statements have them. */
const rowsOf = (table: string, statements: readonly SeedStatement[]) =>
	statements
		.filter(({ text }) => text.startsWith(`insert into ${table} (`))
		.map(({ text, params }) => {
			const names = /\((.*?)\)/.exec(text)?.[1]?.split(", ") ?? [];
			return Object.fromEntries(names.map((name, i) => [name, params[i]]));
		});

describe.each(["00", "01"])("the demo customers of shard %s", (shard) => {
	const plans = rowsOf("plans", demoData("customer", shard));

	it("have signed what is in the demo catalogue, at its price", () => {
		expect(plans).toHaveLength(2);
		for (const { phases } of plans) {
			const lines = v.parse(Phases, JSON.parse(String(phases))).flatMap((phase) => phase.lines);
			expect(lines.length).toBeGreaterThan(0);
			for (const { contractId, contractVersion, name, priceMinor, currency } of lines) {
				const signed = { name, price: { amountMinor: priceMinor, currency } };
				expect(catalogue.get(`${contractId} ${contractVersion}`)).toMatchObject(signed);
			}
		}
	});

	it("are known to billing with the same plans", () => {
		const subscriptions = rowsOf("subscriptions", demoData("billing", shard));

		for (const { phases, starts_at: startsAt, ends_at: endsAt } of subscriptions) {
			expect(v.is(PlanChanged, { startsAt, endsAt, phases: JSON.parse(String(phases)) })).toBe(true);
		}
		const of = (rows: typeof plans) => rows.map(({ phases: _, ...row }) => row);
		expect(of(subscriptions)).toEqual(of(plans));
		expect(rowsOf("customers", demoData("billing", shard))).toHaveLength(2);
	});
});

it("whose plan goes on are to pay for the period that is going on, once, whenever the stack is started", () => {
	const at = Date.UTC(2026, 10, 23, 4);
	const due = (now: number) => ["00", "01"].flatMap((shard) => rowsOf("periods", demoData("billing", shard, now)));

	const from = Date.UTC(2026, 10, 1);
	const expected = { from_at: from, starts_at: Date.UTC(2026, 0, 1), period_index: 10, state: "due", attempt_at: from };
	expect(due(at)).toEqual(Array.from({ length: 3 }, () => expect.objectContaining(expected)));
	expect(due(at + 86_400_000)).toEqual(due(at));
});

describe("the demo experts", () => {
	const rows = rowsOf("experts", demoData("sysops", "00")) as unknown as ExpertRow[]; // all its columns, by the same names
	const experts = rows.map(expertOf);
	const active = experts.filter((expert) => expert.active);

	it("are such as an administrator could have made", () => {
		for (const row of rows) {
			const { id: _, version: __, ...said } = expertView(row);
			expect(v.is(NewExpert, said), row.name).toBe(true);
		}
		expect(new Set(rows.map(({ email }) => email)).size).toBe(rows.length);
	});

	it("serve every region, and everything where the demo customers live; one is away for a week, one is inactive", () => {
		const inTheNorth = active.filter((expert) => expert.regions.includes("north"));

		expect(active.length).toBeGreaterThanOrEqual(8);
		expect(new Set(active.map((expert) => expert.regions[0])).size).toBeGreaterThan(3);
		expect(regions.filter((region) => !active.some((expert) => expert.regions.includes(region)))).toEqual([]);
		expect(SkillCategory.options.filter((skill) => !inTheNorth.some(({ skills }) => skills[skill]))).toEqual([]);
		expect(experts.flatMap(({ absences }) => absences.map(({ from, to }) => to - from))).toEqual([7 * 24 * 3_600_000]);
		expect(experts.length - active.length).toBe(1);
	});

	it("can sign in at sysops, and nowhere else", () => {
		const staff = (worker: "sysops" | "billing" | "analytics") =>
			rowsOf("staff", demoData(worker, "00")).filter(({ role }) => role === "expert");

		expect(staff("sysops").map(({ email }) => email)).toEqual(rows.map(({ email }) => email));
		expect([...staff("billing"), ...staff("analytics")]).toEqual([]);
	});
});
