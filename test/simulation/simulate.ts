import { days, hours, minutes } from "../../shared/time.ts";
import { Cluster } from "./cluster.ts";
import type { Flow } from "./flow.ts";
import { generalWorld } from "./general-world.ts";
import type { Kind } from "./kind.ts";
import { moneyWorld } from "./money-world.ts";
import { createPeople } from "./people.ts";
import { workers } from "./quanta.ts";
import { left, type Stage, waiting } from "./stage.ts";
import { World } from "./world.ts";

export interface Outcome {
	readonly seed: number;
	readonly violations: readonly string[];
	readonly checked: Readonly<Record<string, number>>;
	/** What the run has been through. */
	readonly happened: Readonly<Record<string, number>>;
	readonly trace: readonly string[];
	/** Where the world's random numbers and time have come to: two runs of a seed that differ, differ here. */
	readonly fingerprint: string;
}

/** How long it may take until nothing is underway any more: a bank may need almost two days for a charge. */
const mostQuiet = 12 * days;

export const kinds = { general: generalWorld, money: moneyWorld } as const;

/**
 * One run: people act while everything fails that can, then all faults end, Cron runs for as long as it takes, and
 * every promise is checked.
 */
export async function simulate(
	seed: number,
	{ kind = "general", customers = kinds[kind].customers, tracing = false }: Partial<Options> = {},
): Promise<Outcome> {
	const { stage, people: ofKinds, live, tick, idle }: Kind = kinds[kind];
	const world = new World(seed, { tracing });
	const cluster = new Cluster(world, stage.topology, stage.deploy());
	const people = createPeople(cluster, customers, ofKinds);
	const running = stage.flows.map((flow) => flow.start(people));
	const violations = new Set<string>();
	const look = () => {
		for (const flow of running) for (const found of flow.always(cluster)) violations.add(found);
	};

	await live(cluster, people, running, look);
	cluster.heal();
	const wait = async (until: number, isOver: () => boolean) => {
		for (let step = minutes; world.now < until && !isOver(); step = Math.min(step * 1.5, 2 * hours)) {
			await world.runFor(Math.max(step, idle?.(cluster) ?? 0));
			tick(cluster);
			await world.runFor(10_000);
			look();
		}
	};
	await wait(world.now + mostQuiet, () => isQuiet(cluster, running));
	// months go on, and something may have become due just now: that is let come to its end
	await wait(world.now + 1 * days, () => isStill(cluster));
	for (const found of await atTheEnd(cluster, stage, running)) violations.add(found);
	const checked = Object.assign({}, ...running.map((flow) => flow.checked()));
	const happened = inWords(cluster);
	const fingerprint = `${world.now} ${world.random.between(0, 2 ** 32)} ${JSON.stringify({ checked, happened })}`;
	for (const { databases } of Object.values(cluster.deployments)) for (const database of databases.values()) database.close();
	return { seed, violations: [...violations], checked, happened, trace: world.trace ?? [], fingerprint };
}

/** A world of plans, cards, and what they cost: months of it. */
export const simulateMoney = (seed: number, options: Partial<Omit<Options, "kind">> = {}): Promise<Outcome> =>
	simulate(seed, { ...options, kind: "money" });

interface Options {
	readonly kind: keyof typeof kinds;
	readonly customers: number;
	readonly tracing: boolean;
}

/** Nothing has still to arrive or to be given back, though copies of it may come, which a queue brings weeks later. */
const isStill = (cluster: Cluster) => waiting(cluster) === 0 && cluster.rows<object>("billing", selectUnderWay).length === 0;
const selectUnderWay = `select 1 from deliveries where delivered_at is null
	union all select 1 from refunds where state in ('due', 'unknown')`;

const isQuiet = (cluster: Cluster, running: readonly Flow[]) =>
	waiting(cluster) === 0 && cluster.broker.underway === 0 && !running.some((flow) => flow.isBusy?.(cluster));

async function atTheEnd(cluster: Cluster, { flows }: Stage, running: readonly Flow[]): Promise<string[]> {
	const found = [...cluster.watch.violations];
	if (waiting(cluster) > 0) found.push(`${waiting(cluster)} events are still in an outbox, twelve days after the last fault`);
	const parks = flows.flatMap((flow) => flow.parks ?? []);
	for (const worker of workers) {
		found.push(...cluster.rows<{ what: string }>(worker, "select what from violations").map(({ what }) => what));
	}
	const lost = left(cluster).filter(({ type }) => !parks.includes(type));
	found.push(...lost.map(({ id, type }) => `${type} ${id} is left in an outbox`));
	// all of them before time goes on: whoever still tries again may then come through
	for (const flow of running) found.push(...flow.violations(cluster));
	for (const flow of running) {
		let later: string[] | undefined;
		void flow.afterwards(cluster).then((result) => {
			later = result;
		});
		await cluster.world.runFor(10 * minutes);
		found.push(...(later ?? ["requests are not answered, though nothing fails any more"]));
	}
	return found;
}

/** What the run has been through, as it is printed. */
function inWords({ counts, broker, objects, ledger }: Cluster): Record<string, number> {
	const { dead, ...messages } = broker.counts;
	return {
		requests: counts.requests,
		"queue batches": counts.batches,
		"Cron runs": counts.crons,
		crashes: counts.crashes,
		refusals: counts.refusals,
		deferrals: counts.deferrals,
		"alarms logged": counts.alarms,
		...Object.fromEntries(Object.entries(messages).map(([what, count]) => [`messages ${what}`, count])),
		"dead letters": dead,
		"damaged pages": counts.damages,
		"shards of billing put back": counts.restores,
		"calls of objects": objects.counts.calls,
		"alarms of objects": objects.counts.alarms,
		"alarms that the platform gave up": objects.counts.givenUp,
		"objects evicted": objects.counts.evictions,
		"charges at the provider": ledger.charges.length,
		"charges asked for again": ledger.counts.repeated,
		"calls that came to the provider late": ledger.counts.lateCalls,
		"look-ups at the provider": ledger.counts.lookups,
	};
}
