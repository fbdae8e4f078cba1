import type { WorkerName } from "../../shared/events/topology.ts";
import { hours } from "../../shared/time.ts";
import type { Answer, Cluster } from "./cluster.ts";

/** A client that tries again while no answer helps; now and then, unless told otherwise, it gives up. */
export async function insist<T>(
	cluster: Cluster,
	what: string,
	verb: Parameters<typeof cluster.request<T>>[2],
	{ givesUp = 0.1, worker = "customer" }: { givesUp?: number; worker?: WorkerName } = {},
): Promise<Exclude<Answer<T>, { failed: true }> | undefined> {
	const { world } = cluster;
	for (;;) {
		const answer = await cluster.request(worker, what, verb);
		if (!("failed" in answer)) return answer;
		if (world.random.chance(givesUp)) return undefined;
		await new Promise<void>((resolve) => world.after(world.random.between(100, 2 * hours), resolve));
	}
}
