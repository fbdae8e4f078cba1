import { type Shard, shardOf } from "../../shared/ids.ts";
import type { DeployedWorker } from "../workers.ts";
import { demoContracts } from "./demo-contracts.ts";

/** The customers and staff that every local stack has. Seeding again changes nothing that somebody has changed. */

interface DemoCustomer {
	readonly id: string;
	/** Why one would choose this customer. */
	readonly note: string;
	readonly profile: Readonly<Record<string, string | null>>;
	readonly plan: { readonly startsAt: number; readonly endsAt: number | null };
}

const customerId = (shard: Shard, name: string) => `cus_${shard}${name.padStart(26, "0")}`;
const year2026 = Date.UTC(2026, 0, 1);
const active = { startsAt: year2026, endsAt: null };

const address = { street: "1 Example Street", postal_code: "10115", city: "Berlin", country: "DE", region: "north" };

/** By the name under which `npm run token` knows them. */
export const demoCustomers: Readonly<Record<string, DemoCustomer>> = {
	ada: {
		id: customerId("00", "ada"),
		note: "active plan, complete profile",
		profile: { name: "Ada Example", ...address, phone: "+49 30 5550100" },
		plan: active,
	},
	grace: {
		id: customerId("01", "grace"),
		note: "active plan, complete profile, on the other shard",
		profile: { name: "Grace Example", ...address, street: "2 Example Street", phone: "+49 30 5550101" },
		plan: active,
	},
	edsger: {
		id: customerId("00", "edsger"),
		note: "the plan has ended",
		profile: { name: "Edsger Example", ...address, street: "3 Example Street", phone: "+49 30 5550102" },
		plan: { startsAt: year2026, endsAt: year2026 + 1 },
	},
	barbara: {
		id: customerId("01", "barbara"),
		note: "the profile lacks street and phone",
		profile: { name: "Barbara Example", ...address, street: null, phone: null },
		plan: active,
	},
};

export const demoStaff = [
	{ email: "helpdesk@penultimate.example", role: "helpdesk" },
	{ email: "administrator@penultimate.example", role: "administrator" },
] as const;

export interface SeedStatement {
	readonly text: string;
	readonly params: readonly (string | number | null)[];
}

const insert = (table: string, row: Readonly<Record<string, string | number | null>>): SeedStatement => ({
	text: `insert into ${table} (${Object.keys(row).join(", ")}) values (${Object.keys(row)
		.map(() => "?")
		.join(", ")}) on conflict do nothing`,
	params: Object.values(row),
});

/** What one database of a Worker starts with. */
export function demoData(worker: DeployedWorker, shard: Shard): readonly SeedStatement[] {
	switch (worker) {
		case "customer":
			return Object.values(demoCustomers)
				.filter(({ id }) => shardOf(id) === shard)
				.flatMap(({ id, profile, plan }) => [
					insert("profiles", { customer_id: id, ...profile }),
					insert("plans", { customer_id: id, starts_at: plan.startsAt, ends_at: plan.endsAt }),
				]);
		case "sysops":
			return [
				...demoStaff.map((member) => insert("staff", member)),
				...demoContracts.map((version) => insert("contract_versions", version)),
			];
		case "billing":
			return demoStaff.map((member) => insert("staff", member));
		case "identity":
			return Object.entries(demoCustomers).map(([name, { id }]) =>
				insert("users", {
					id,
					name: "",
					email: `${name}@penultimate.example`,
					email_verified: 1,
					created_at: year2026,
					updated_at: year2026,
				}),
			);
		default:
			return worker satisfies never;
	}
}
