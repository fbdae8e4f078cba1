import { rowsOf } from "../../../shared/testing/database.ts";
import { type Bench, delay, start } from "./test-bench.ts";

/** Somebody who has paid, and what has been taken and given back since. */

export const third = Date.UTC(2027, 0, 2, 12);
export const fourth = Date.UTC(2027, 1, 2, 12);
export const refundsOf = (bench: Bench) =>
	rowsOf(
		bench.billing00,
		"select attempt_id, state, requested_by, net_minor, tax_minor from refunds order by requested_at, attempt_id",
	);
/** What was made up for, in the order of the periods. */
export const adjustmentsOf = (bench: Bench) =>
	rowsOf(bench.billing00, "select from_at, amount_minor from adjustments order by from_at, amount_minor");
/** What the provider has taken. */
export const amountsOf = (bench: Bench) => bench.provider.approved.map(({ amountMinor }) => amountMinor);

/** A plan of 10.00 that has paid `months` months. */
export async function givenPaid(bench: Bench, months: readonly number[], region = "south") {
	const id = await bench.givenCustomer({ region });
	await bench.card(id);
	const [contract, small, large] = [
		await bench.givenContract(1000),
		await bench.givenContract(400),
		await bench.givenContract(1500),
	];
	await bench.plan(id, [[start, contract]]);
	for (const month of months) await bench.at(month + delay);
	await bench.told();
	return { id, contract, small, large };
}
