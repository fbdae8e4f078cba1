import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { relayCron } from "../../shared/messaging/schedule.ts";
import { Random } from "../../shared/testing/random.ts";
import { demoCustomers } from "../dev/demo.ts";
import { freePort, spawnStack } from "../dev/spawn.ts";
import { client, type Promised, type Target } from "./clients.ts";
import { readStored } from "./stored.ts";
import { failures } from "./verdict.ts";

export interface ChaosReport {
	readonly failures: readonly string[];
	readonly kills: readonly { inFlight: number; failed: number; outbox: number }[];
	readonly promised: Promised;
	/** Seconds from the end of the faults until every outbox was empty. */
	readonly drained: number;
}

/** A customer of each shard, and how many clients act for one. */
const customers = ["ada", "grace"] as const;
const clientsEach = 3;
/** Milliseconds for every outbox to become empty once nothing is killed any more. */
const longestDrain = 180_000;

/**
 * Kills the whole process group of a local stack `kills` times while clients post tickets, each time at a moment that
 * `seed` chooses, and starts it again on the same data. Then checks that every promise was kept.
 */
export async function chaos({
	kills,
	seed,
	home,
	tell,
}: {
	kills: number;
	seed: number;
	home: string;
	tell: (line: string) => void;
}): Promise<ChaosReport> {
	const port = await freePort();
	const random = new Random(seed);
	const start = async ({ mayDieEarly }: { mayDieEarly: boolean }) => {
		const stack = spawnStack({ home, port, rateLimits: false });
		// Now and then the kill comes while the stack is still starting.
		if (mayDieEarly && random.chance(0.15)) {
			await wait(random.between(0, 3000));
			stack.kill();
			await stack.ended;
			return start({ mayDieEarly });
		}
		await stack.ready;
		const tokens = await Promise.all(customers.map(async (name) => [name, await stack.token(name)] as const));
		return { stack, tokens: Object.fromEntries(tokens) };
	};
	const running: Target = { ...(await start({ mayDieEarly: false })), inFlight: 0, failed: 0 };
	let isOver = false;
	const clients = customers.flatMap((customer, c) =>
		Array.from({ length: clientsEach }, (_, i) =>
			client(running, { name: `${customer}${i}`, customer, seed: seed * 1000 + c * 100 + i, isOver: () => isOver }),
		),
	);
	// A client that was refused ends the run at once instead of after the last kill.
	const work = Promise.all(clients);
	const relaying = keepRelaying(running, () => isOver);
	const hits: ChaosReport["kills"][number][] = [];
	try {
		for (let kill = 1; kill <= kills; kill++) {
			await Promise.race([wait(random.between(300, 2500)), work]);
			const { stack, inFlight, failed } = running;
			stack.kill();
			await stack.ended;
			const outbox = readStored(join(home, "state")).customer.reduce((sum, shard) => sum + shard.outbox, 0);
			Object.assign(running, await start({ mayDieEarly: true }));
			hits.push({ inFlight, failed: running.failed - failed, outbox });
			tell(
				`kill ${kill}: ${inFlight} requests in flight, ${running.failed - failed} attempts failed until it was back, ${outbox} events in the outboxes`,
			);
		}
		await Promise.race([wait(500), work]);
		isOver = true;
		const promised = merge(await work);
		await relaying;
		const drained = await drain(running);
		const listed = await listAll(running);
		running.stack.interrupt();
		await running.stack.ended;
		return { failures: failures({ promised, listed, stored: readStored(join(home, "state")) }), kills: hits, promised, drained };
	} finally {
		isOver = true;
		running.stack.kill();
		await running.stack.ended;
	}
}

/** The relay every second instead of every minute. */
async function keepRelaying(target: Target, isOver: () => boolean): Promise<void> {
	while (!isOver()) {
		await target.stack.fire("customer", relayCron).catch(() => {}); // killed at this moment
		await wait(1000);
	}
}

/** Relays until every outbox is empty, or time is up: what is left then is for the verdict. */
async function drain({ stack }: Target): Promise<number> {
	const began = Date.now();
	while (Date.now() - began < longestDrain) {
		await stack.fire("customer", relayCron);
		const health: { shards: { oldestOutboxSeconds: number | null }[] } = await (
			await stack.request("customer", "/healthz")
		).json();
		if (health.shards.every(({ oldestOutboxSeconds }) => oldestOutboxSeconds === null)) break;
		await wait(300);
	}
	return Math.round((Date.now() - began) / 100) / 10;
}

/** The ids in the customers' own lists, page by page as a client reads them. */
async function listAll({ stack, tokens }: Target): Promise<Set<string>> {
	const ids = new Set<string>();
	for (const customer of customers) {
		let cursor = "";
		do {
			const query = new URLSearchParams({ limit: "100", ...(cursor ? { cursor } : {}) });
			const headers = { authorization: `Bearer ${tokens[customer]}` };
			const response = await stack.request("customer", `/api/v1/tickets?${query}`, { headers });
			if (!response.ok) throw new Error(`the list of ${customer} (${demoCustomers[customer]?.id}): ${response.status}`);
			const page: { items: { id: string }[]; next: string | null } = await response.json();
			for (const { id } of page.items) ids.add(id);
			cursor = page.next ?? "";
		} while (cursor);
	}
	return ids;
}

const merge = (all: readonly Promised[]): Promised => ({
	tickets: all.flatMap(({ tickets }) => tickets),
	comments: all.flatMap(({ comments }) => comments),
	cancellations: all.flatMap(({ cancellations }) => cancellations),
});
