import { type Customer, databaseOf, givenCustomer } from "./customers.ts";
import { newId } from "./fixtures.ts";
import { migrateDatabases } from "./migrations.ts";
import { givenVersion } from "./replica.ts";

export const planPath = "/api/v1/plan";

/** On offer in every shard: television and hi-fi in version 1, for 12.90 and 9.90, internet in version 7. */
export const [tv, hifi, web] = [newId("ctr", "00"), newId("ctr", "00"), newId("ctr", "00")];

/** The databases with that catalogue. */
export async function migrateWithCatalogue(): Promise<void> {
	await migrateDatabases();
	for (const database of [databaseOf("00"), databaseOf("01")]) {
		await givenVersion(database, { contractId: tv, terms: { name: "Television" } });
		const price = { amountMinor: 990, currency: "EUR" };
		await givenVersion(database, { contractId: hifi, terms: { name: "Hi-fi", price } });
		await givenVersion(database, { contractId: web, version: 7, terms: { name: "Internet" } });
	}
}

/** A contract as somebody asks for it. */
export interface Wish {
	readonly contractId: string;
	readonly version: number;
}
export const line = (contractId: string, version = 1): Wish => ({ contractId, version });

/** A customer who has never had a plan. */
export const givenStranger = (shard = "00") => givenCustomer({ shard, plan: null });

export const sessionOf = ({ id: customerId, sessionId }: Customer) => ({ customerId, sessionId });
