import type { Customer } from "./customers.ts";
import { newId } from "./fixtures.ts";

interface Given {
	id?: string;
	state?: "open" | "submitted" | "verified" | "rejected" | "removed";
	reason?: string | null;
	expMonth?: number;
	expYear?: number;
	createdAt?: number;
}

/** A card of a customer as the portal stores it: a Visa card, verified and good for years unless told otherwise. */
export async function givenCard({ id: customerId, shard, database }: Customer, given: Given = {}): Promise<string> {
	const {
		id = newId("crd", shard),
		state = "verified",
		reason = null,
		expMonth = 8,
		expYear = 2099,
		createdAt = Date.now(),
	} = given;
	const row = {
		id,
		customer_id: customerId,
		state,
		reason,
		nonce: "n".repeat(22),
		kid: "k",
		expires_at: createdAt,
		created_at: createdAt,
		submitted_at: createdAt,
		changed_at: createdAt,
		brand: "visa",
		last4: "4242",
		exp_month: expMonth,
		exp_year: expYear,
	};
	const names = Object.keys(row);
	const text = `insert into cards (${names.join(", ")}) values (${names.map(() => "?").join(", ")})`;
	await database
		.prepare(text)
		.bind(...Object.values(row))
		.run();
	return id;
}
