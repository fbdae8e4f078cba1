import { periodStart } from "../shared/periods.ts";
import { days, hours } from "../shared/time.ts";
import type { SqliteDatabase } from "../test/simulation/sqlite-d1.ts";
import type { Vault } from "../workers/billing/vault/vault.ts";

const pageSize = 1000;
const contractId = `ctr_00${"0".repeat(26)}`;
const terms = {
	name: "Television Care",
	summary: "An expert for your television.",
	devices: ["television"],
	coverage: ["Visits at home", "Picture and sound"],
	responseHours: 24,
	price: { amountMinor: 1290, currency: "EUR" },
};
export const chargeDelay = 24 * hours;

/** Every so many are declined by their bank once, and charged three days later. */
export const everyDeclined = 50;
export const declinedOnce = "declined once";

interface Shards {
	readonly billing: ReadonlyMap<string, SqliteDatabase>;
	readonly customer: ReadonlyMap<string, SqliteDatabase>;
}

/** Customers with a plan that began in December, its card and its second period, which begins within `spread` of the new year. */
export async function seed(
	shards: Shards,
	vault: Vault,
	{ customers, spread }: { customers: number; spread: number },
): Promise<void> {
	const names = [...shards.billing.keys()];
	for (const database of shards.billing.values()) database.all(insertContract, contractId, JSON.stringify(terms));
	for (let from = 0; from < customers; from += pageSize) {
		const indexes = Array.from({ length: Math.min(pageSize, customers - from) }, (_, i) => from + i);
		const rows = await Promise.all(
			indexes.map((index) => customerOf(index, names[index % names.length] ?? "", vault, spread / customers)),
		);
		for (const [shard, ofShard] of Map.groupBy(rows, (row) => row.shard)) {
			const page = JSON.stringify(ofShard);
			for (const text of ofBilling) shards.billing.get(shard)?.all(text, page);
			shards.customer.get(shard)?.all(insertProfiles, page);
		}
	}
}

async function customerOf(index: number, shard: string, vault: Vault, step: number) {
	const number = String(index).padStart(26, "0");
	const owner = { cardId: `crd_${shard}${number}`, customerId: `cus_${shard}${number}` };
	const startsAt = Date.UTC(2025, 11, 1) + Math.floor(index * step);
	const fromAt = periodStart(startsAt, 1);
	const token = index % everyDeclined === 1 ? `${declinedOnce} ${index}` : `token ${index}`.padEnd(30, "-");
	return {
		...owner,
		...(await vault.seal({ token, expMonth: 12, expYear: 2030 }, owner)),
		shard,
		name: `Customer ${index}`,
		email: `customer-${index}@people.example`,
		startsAt,
		fromAt,
		dueAt: fromAt + chargeDelay,
		phases: JSON.stringify([{ from: startsAt, lines: [{ contractId, contractVersion: 1 }] }]),
	};
}

const of = (...fields: readonly string[]) => fields.map((field) => `value->>'$.${field}'`).join(", ");

const insertContract = `insert into contract_versions (contract_id, version, seq, generation, digest, withdrawn, offered, terms)
	values (?, 1, 1, 1, 0, 0, 1, ?)`;
const insertProfiles = `insert into profiles (customer_id, name, street, postal_code, city, country, region, phone, email, version)
	select ${of("customerId", "name")}, '1 Example Street', '10115', 'Berlin', 'DE', 'south', '+49 30 5550100', ${of("email")}, 1 from json_each(?)`;
const ofBilling = [
	`insert into customers select ${of("customerId")}, 1, ${of("email", "name")}, '1 Example Street', '10115', 'Berlin', 'DE', 'south', 'en' from json_each(?)`,
	`insert into subscriptions (customer_id, starts_at, version, phases, charged_version) select ${of("customerId", "startsAt")}, 1, ${of("phases")}, 1 from json_each(?)`,
	`insert into periods (customer_id, from_at, starts_at, period_index, state, attempt_at, look_at)
	select ${of("customerId", "fromAt", "startsAt")}, 1, 'due', ${of("dueAt", "dueAt")} from json_each(?)`,
	`insert into cards (card_id, customer_id, state, nonce, accepted_at, changed_at, brand, last4, exp_month, exp_year)
	select ${of("cardId", "customerId")}, 'verified', substr(value->>'$.cardId', -22), ${of("startsAt", "startsAt")}, 'visa', '4242', 12, 2030 from json_each(?)`,
	`insert into vault select ${of("cardId", "customerId", "kekId", "wrappedKey", "sealedCard", "startsAt")} from json_each(?)`,
	`insert into fingerprints select ${of("cardId", "customerId")}, substr(value->>'$.cardId', 1, 43) from json_each(?)`,
];

/** Over how long plans began, so that who is declined once is charged within the month as well. */
export const wholeMonth = 27 * days;
