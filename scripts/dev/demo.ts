import { type Shard, shardOf } from "../../shared/ids.ts";
import { periodAt } from "../../shared/periods.ts";
import type { DeployedWorker } from "../workers.ts";
import { demoContracts } from "./demo-contracts.ts";
import { demoExpertStaff, demoExperts } from "./demo-experts.ts";

/** The customers and staff that every local stack has. Seeding again changes nothing that somebody has changed. */

interface DemoCustomer {
	readonly id: string;
	/** Why one would choose this customer. */
	readonly note: string;
	readonly profile: Readonly<Record<string, string | null>>;
	readonly plan: { readonly startsAt: number; readonly endsAt: number | null; readonly phases: readonly Phase[] };
}
interface Phase {
	readonly from: number;
	readonly lines: readonly SignedLine[];
}
/** As `plans.phases` of the customer Worker has it. */
interface SignedLine {
	readonly contractId: string;
	readonly contractVersion: number;
	readonly name: string;
	readonly priceMinor: number;
	readonly currency: string;
}

const customerId = (shard: Shard, name: string) => `cus_${shard}${name.padStart(26, "0")}`;
const year2026 = Date.UTC(2026, 0, 1);

/** Signed on the day on which the demo catalogue begins. */
const plan = (names: readonly string[], endsAt: number | null = null) => ({
	startsAt: year2026,
	endsAt,
	phases: [{ from: year2026, lines: names.map(signed) }],
});

function signed(name: string): SignedLine {
	const contract = demoContracts.find(({ terms }) => JSON.parse(terms).name === name);
	if (!contract) throw new Error(`The demo catalogue has no "${name}"`);
	const { amountMinor: priceMinor, currency } = JSON.parse(contract.terms).price;
	return { contractId: contract.contract_id, contractVersion: contract.version, name, priceMinor, currency };
}

const address = { street: "1 Example Street", postal_code: "10115", city: "Berlin", country: "DE", region: "north" };

/** By the name under which `npm run token` knows them. */
export const demoCustomers: Readonly<Record<string, DemoCustomer>> = {
	ada: {
		id: customerId("00", "ada"),
		note: "active plan, complete profile",
		profile: { name: "Ada Example", ...address, phone: "+49 30 5550100" },
		plan: plan(["Television Complete", "Network and Wi-Fi"]),
	},
	grace: {
		id: customerId("01", "grace"),
		note: "active plan, complete profile, on the other shard",
		profile: { name: "Grace Example", ...address, street: "2 Example Street", phone: "+49 30 5550101" },
		plan: plan(["Home Office"]),
	},
	edsger: {
		id: customerId("00", "edsger"),
		note: "the plan has ended",
		profile: { name: "Edsger Example", ...address, street: "3 Example Street", phone: "+49 30 5550102" },
		plan: plan(["Audio Care"], Date.UTC(2026, 1, 1)),
	},
	barbara: {
		id: customerId("01", "barbara"),
		note: "the profile lacks street and phone",
		profile: { name: "Barbara Example", ...address, street: null, phone: null },
		plan: plan(["Phone Care"]),
	},
};

/** Of a visit to ada that nothing else tells of: for trying a survey without resolving a ticket first. It is never over. */
export const demoSurvey = {
	id: `srv_00${"answer".padStart(26, "0")}_1`,
	customer_id: customerId("00", "ada"),
	ticket_id: `tkt_00${"answer".padStart(26, "0")}`,
	expert_id: null,
	expert_name: "Mary Example",
	category: "television",
	region: address.region,
	resolved_at: year2026,
	expires_at: Date.UTC(2100, 0, 1),
} as const;

/** Of every quantum. */
const office = [
	{ email: "helpdesk@penultimate.example", role: "helpdesk" },
	{ email: "administrator@penultimate.example", role: "administrator" },
] as const;
export const demoStaff = [...office, ...demoExpertStaff] as const;

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

const emailOf = (name: string) => `${name}@penultimate.example`;
const customersOf = (shard: Shard) => Object.entries(demoCustomers).filter(([, { id }]) => shardOf(id) === shard);

const planRow = (id: string, { startsAt, endsAt }: DemoCustomer["plan"]) => ({
	customer_id: id,
	version: year2026,
	starts_at: startsAt,
	ends_at: endsAt,
});
/** The period that is going on is to be paid; those before are nobody's business here. */
function periodRow(id: string, { startsAt, endsAt }: DemoCustomer["plan"], now: number): SeedStatement[] {
	const { index, from } = periodAt(startsAt, now);
	if (endsAt !== null && endsAt <= from) return [];
	const due = { state: "due", attempt_at: from, look_at: from };
	return [insert("periods", { customer_id: id, from_at: from, starts_at: startsAt, period_index: index, ...due })];
}

/** As billing has it: prices stand in its own replica. */
const billed = ({ from, lines }: Phase) => ({
	from,
	lines: lines.map(({ contractId, contractVersion }) => ({ contractId, contractVersion })),
});

/** What one database of a Worker starts with. */
export function demoData(worker: DeployedWorker, shard: Shard, now = Date.now()): readonly SeedStatement[] {
	switch (worker) {
		case "customer":
			return [
				...customersOf(shard).flatMap(([name, { id, profile, plan }]) => [
					insert("profiles", { customer_id: id, ...profile, email: emailOf(name), version: year2026 }),
					insert("plans", { ...planRow(id, plan), phases: JSON.stringify(plan.phases) }),
				]),
				...(shard === shardOf(demoSurvey.id) ? [insert("surveys", demoSurvey)] : []),
			];
		case "sysops":
			return [
				...demoStaff.map((member) => insert("staff", member)),
				...demoContracts.map((version) => insert("contract_versions", version)),
				...demoExperts.map((expert) => insert("experts", expert)),
			];
		case "billing":
			return [
				...office.map((member) => insert("staff", member)),
				...customersOf(shard).flatMap(
					([
						name,
						{
							id,
							profile: { phone: _, ...profile },
							plan,
						},
					]) => [
						insert("customers", { customer_id: id, version: year2026, email: emailOf(name), ...profile, language: "en" }),
						insert("subscriptions", { ...planRow(id, plan), phases: JSON.stringify(plan.phases.map(billed)) }),
						...periodRow(id, plan, now),
					],
				),
			];
		case "notification":
		case "analytics":
			return office.map((member) => insert("staff", member));
		case "identity":
			return Object.entries(demoCustomers).map(([name, { id }]) =>
				insert("users", {
					id,
					name: "",
					email: emailOf(name),
					email_verified: 1,
					created_at: year2026,
					updated_at: year2026,
				}),
			);
		default:
			return worker satisfies never;
	}
}
