import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { PlanChanged } from "../../shared/events/customer.ts";
import { Phases } from "../../workers/customer/plans/plan.ts";
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
