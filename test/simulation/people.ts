import { idOf } from "../../shared/ids.ts";
import type { Cluster } from "./cluster.ts";

/** A customer with a session, in one of the situations that matter to whoever wants something. */
export interface Person {
	readonly customerId: string;
	readonly sessionId: string;
	readonly name: string;
	readonly kind: "in order" | "without a plan" | "incomplete" | "signed out";
	/** What a submission is answered with when it is refused. */
	readonly expects: string | undefined;
}

const expects = {
	"in order": undefined,
	"without a plan": "no_active_plan",
	incomplete: "profile_incomplete",
	"signed out": "session_revoked",
} as const;

const kinds = ["in order", "in order", "in order", "in order", "without a plan", "incomplete", "signed out"] as const;

/** Signs customers up, straight into their shards. */
export function createPeople({ world, deployments }: Cluster, count: number): Person[] {
	const shards = [...deployments.customer.databases];
	return Array.from({ length: count }, (_, index) => {
		const [shard, database] = shards[index % shards.length] ?? [];
		if (!shard || !database) throw new Error("the customer Worker has no shards");
		const kind = kinds[index % kinds.length] ?? "in order";
		const person = {
			customerId: idOf("cus", shard, world.random.bytes(16)),
			sessionId: idOf("ses", shard, world.random.bytes(16)),
			name: `Customer ${index}`,
			kind,
			expects: expects[kind],
		};
		const { customerId, sessionId, name } = person;
		const phone = kind === "incomplete" ? null : "+49 30 5550100";
		database.all(
			"insert into profiles values (?, ?, 'Main Street 1', '10115', 'Berlin', 'DE', 'north', ?)",
			customerId,
			name,
			phone,
		);
		database.all("insert into plans values (?, 0, ?)", customerId, kind === "without a plan" ? world.now - 1 : null);
		if (kind === "signed out") database.all("insert into revoked_sessions values (?, ?)", sessionId, world.now);
		return person;
	});
}
