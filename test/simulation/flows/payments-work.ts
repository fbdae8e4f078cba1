import { createHash } from "node:crypto";
import { idOf, shardOf } from "../../../shared/ids.ts";
import type { ChargesMessage } from "../../../workers/billing/payments/charges.ts";
import type { Cluster } from "../cluster.ts";

const lookAt = "new.customer_id || ' ' || new.from_at || ' ' || coalesce(old.look_at, '') || ' ' || coalesce(new.look_at, '')";

/** How billing goes about it: what is so that nothing is done twice, or forgotten, whatever comes later. */
export class PaymentsWork {
	readonly #violations = new Set<string>();
	/** How often each period was taken by somebody for a while, less how often it was put on the queue. */
	readonly #claims = new Map<string, number>();

	watch({ world, deployments, broker }: Cluster): void {
		const moved = (seen: unknown) => {
			const [customerId, fromAt, before, after] = String(seen).split(" ");
			const isTaken = before !== "" && Number(before) <= world.now && (after === "" || Number(after) > world.now);
			if (isTaken) this.#count(`${customerId} ${fromAt}`, 1);
		};
		for (const database of deployments.billing.databases.values()) database.watch("update", "periods", lookAt, moved);
		broker.onSend.push((queue, text) => {
			if (queue !== "charges") return;
			const { periods }: ChargesMessage = JSON.parse(text);
			for (const { customerId, fromAt } of periods) {
				const name = `${customerId} ${fromAt}`;
				if (this.#count(name, -1) < 0) this.#violations.add(`${name} is to be charged, and nobody has taken it`);
			}
		});
	}

	#count(name: string, by: number): number {
		const count = (this.#claims.get(name) ?? 0) + by;
		this.#claims.set(name, count);
		return count;
	}

	/** What nobody takes for the time in which it is worked on; objects that stop before their invoice has arrived. */
	always({ objects }: Cluster): string[] {
		const idle = objects.idle.map((id) => `the object of ${id} is not going to do anything any more`);
		return [...this.#violations, ...objects.violations, ...idle];
	}

	/** Whoever begins an attempt again, as when a database was put back, does so under the same id. */
	inTheEnd(cluster: Cluster): string[] {
		const text = "select attempt_id as id, customer_id as customerId, from_at as fromAt, number from attempts";
		const attempts = cluster.rows<{ id: string; customerId: string; fromAt: number; number: number }>("billing", text);
		const isDerived = ({ id, customerId, fromAt, number }: (typeof attempts)[number]) => {
			const digest = createHash("sha256").update(`${customerId} ${fromAt} ${number}`).digest();
			return id === idOf("att", shardOf(customerId), digest);
		};
		return attempts.filter((one) => !isDerived(one)).map(({ id }) => `${id} is not the id of its period and number`);
	}
}
