import { replicateCron } from "../../shared/contracts/replicate.ts";
import type { EventDefinition, WorkerName } from "../../shared/events/topology.ts";
import { pruneCron, relayCron } from "../../shared/messaging/schedule.ts";
import { days, hours, minutes } from "../../shared/time.ts";
import { paymentCron } from "../../workers/billing/payments/schedule.ts";
import { vaultCron } from "../../workers/billing/vault/schedule.ts";
import { Cluster } from "./cluster.ts";
import { chooseFaults, chooseWindows, noFaults } from "./faults.ts";
import type { Flow } from "./flow.ts";
import { createPeople, planLives } from "./people.ts";
import { quanta, workers } from "./quanta.ts";
import { deploy, flows, left, topology, waiting } from "./stage.ts";
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
const mostQuiet = 6 * days;

/**
 * One run: people act while everything fails that can, then all faults end, Cron runs for as long as it takes, and
 * every promise is checked.
 */
export async function simulate(seed: number, { customers = 20, tracing = false } = {}): Promise<Outcome> {
	const world = new World(seed, { tracing });
	const cluster = new Cluster(world, topology, deploy());
	const people = createPeople(cluster, customers);
	const running = flows.map((flow) => flow.start(people));
	const violations = new Set<string>();
	const look = () => {
		for (const flow of running) for (const found of flow.always(cluster)) violations.add(found);
	};

	const { random } = world;
	cluster.faults = chooseFaults(random);
	cluster.windows = chooseWindows(random, world.now, workers);
	const faultsEnd = Math.max(world.now + 30 * minutes, ...cluster.windows.map(({ to }) => to));
	for (const { kind, worker, from, to } of cluster.windows) {
		world.say(() => `${worker ?? "everywhere"}: ${kind} for ${((to - from) / hours).toFixed(1)} hours`);
	}
	planChanges(cluster, faultsEnd);
	planLives(cluster, people, faultsEnd);
	for (const flow of running) flow.plan(cluster, faultsEnd);

	// A minute at a time at first, then in larger steps: Cron Triggers may be silent for hours.
	for (let step = minutes; world.now < faultsEnd; step = world.now < faultsEnd - hours ? step * 1.3 : minutes) {
		await world.runFor(Math.min(faultsEnd - world.now, step, 12 * hours));
		tick(cluster, running);
		look();
	}
	await passMonths(cluster, running, look);
	cluster.heal();
	const givenUp = world.now + mostQuiet;
	for (let step = minutes; world.now < givenUp && !isQuiet(cluster, running); step = Math.min(step * 1.5, 2 * hours)) {
		await world.runFor(step);
		tick(cluster, []);
		await world.runFor(10_000);
		look();
	}
	for (const found of await atTheEnd(cluster, running)) violations.add(found);
	const checked = Object.assign({}, ...running.map((flow) => flow.checked()));
	const happened = inWords(cluster);
	const fingerprint = `${world.now} ${random.between(0, 2 ** 32)} ${JSON.stringify({ checked, happened })}`;
	for (const { databases } of Object.values(cluster.deployments)) for (const database of databases.values()) database.close();
	return { seed, violations: [...violations], checked, happened, trace: world.trace ?? [], fingerprint };
}

/**
 * In some worlds time goes on for more than a month, in larger steps and with few faults: periods come, are paid, and tried again
 * when they were not.
 */
async function passMonths(cluster: Cluster, running: readonly Flow[], look: () => void): Promise<void> {
	const { world } = cluster;
	const { random } = world;
	if (random.chance(0.7)) return;
	const until = world.now + random.between(33 * days, 70 * days);
	const seldom = (chance: number) => Math.min(chance, 0.01);
	const { refuse, lost, crash, drop, duplicate, late } = cluster.faults;
	const few = { refuse: seldom(refuse), lost: seldom(lost), crash: seldom(crash) };
	cluster.faults = { ...noFaults, ...few, drop: seldom(drop), duplicate: seldom(duplicate), late: seldom(late) };
	while (world.now < until) {
		await world.runFor(random.between(4 * hours, 10 * hours));
		tick(cluster, running);
		await world.runFor(20 * minutes);
		look();
	}
}

/** Keys are rotated and a schema is rolled out, producer first, so that others do not know them for a while. */
function planChanges(cluster: Cluster, until: number): void {
	const { world } = cluster;
	const { random } = world;
	const someTime = () => random.pick([0, 10 * minutes, 9 * hours, 3 * days]);
	for (const worker of workers) {
		if (random.chance(0.5)) world.at(random.between(world.now, until), () => cluster.rotateKey(worker, someTime()));
	}
	const events = Object.entries(topology.events);
	const [type, event] = events[random.between(0, events.length)] ?? [];
	if (!type || !event || random.chance(0.5)) return;
	world.at(random.between(world.now, until), () => {
		const next = withNextVersion(event);
		world.say(() => `${next.from} sends version ${next.version} of ${type} from now on`);
		cluster.rollOut({ events: { ...topology.events, [type]: next } }, next.from, someTime);
	});
}

function withNextVersion(event: EventDefinition): EventDefinition {
	const version = event.version + 1;
	const schema = event.schemas[event.version];
	return { ...event, version, schemas: schema ? { ...event.schemas, [version]: schema } : event.schemas };
}

/** What runs at the same time as another now and then, because something leaves or is taken there. */
const often: readonly WorkerName[] = ["sysops", "notification"];

function tick(cluster: Cluster, running: readonly Flow[]): void {
	for (const flow of running) flow.atCron?.(cluster);
	for (const worker of workers) {
		cluster.cron(worker, relayCron);
		if (often.includes(worker) && cluster.world.random.chance(0.25)) cluster.cron(worker, relayCron);
		if (cluster.world.random.chance(0.1)) cluster.cron(worker, pruneCron);
		if (replicateCron in quanta[worker].crons) tickSome(cluster, worker, replicateCron);
		if (paymentCron in quanta[worker].crons && cluster.world.random.chance(0.6)) cluster.cron(worker, paymentCron);
		if (vaultCron in quanta[worker].crons) tickSome(cluster, worker, vaultCron);
	}
}

/** Now and then, and now and then twice at the same time. */
function tickSome(cluster: Cluster, worker: WorkerName, cron: string): void {
	const { random } = cluster.world;
	for (let runs = random.pick([0, 0, 0, 0, 1, 2]); runs > 0; runs--) cluster.cron(worker, cron);
}

const isQuiet = (cluster: Cluster, running: readonly Flow[]) =>
	waiting(cluster) === 0 && cluster.broker.underway === 0 && !running.some((flow) => flow.isBusy?.(cluster));

async function atTheEnd(cluster: Cluster, running: readonly Flow[]): Promise<string[]> {
	const found = [...cluster.watch.violations];
	if (waiting(cluster) > 0) found.push(`${waiting(cluster)} events are still in an outbox, six days after the last fault`);
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
