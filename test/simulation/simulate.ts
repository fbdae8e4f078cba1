import { topology as productTopology, type Topology, type WorkerName } from "../../shared/events/topology.ts";
import { pruneCron, relayCron } from "../../shared/messaging/schedule.ts";
import type { Quantum } from "../../shared/quantum.ts";
import { customer } from "../../workers/customer/quantum.ts";
import { sysops } from "../../workers/sysops/quantum.ts";
import { Cluster, type Deployment } from "./cluster.ts";
import { chooseFaults, chooseWindows, days, hours, minutes, noFaults } from "./faults.ts";
import type { Flow } from "./flow.ts";
import { counts } from "./flows/counts.ts";
import { tickets } from "./flows/tickets.ts";
import { migrations, SqliteDatabase } from "./sqlite-d1.ts";
import { World } from "./world.ts";

const flows = [tickets, counts];
const quanta = { customer, sysops };
const shards: Readonly<Record<WorkerName, readonly string[]>> = { customer: ["00", "01"], sysops: ["00"] };
const workers = Object.keys(quanta) as WorkerName[]; // the keys are WorkerName by the type of `shards`

const topology: Topology = { events: Object.assign({}, productTopology.events, ...flows.map(({ events }) => events)) };
const schemas = Object.fromEntries(
	workers.map((worker) => [
		worker,
		`${migrations(worker)}; create table violations (what text); ${flows.map(({ witnesses }) => witnesses?.[worker] ?? "").join(";")}`,
	]),
);

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

/**
 * One run: people act while everything fails that can, then all faults end, Cron runs for as long as it takes, and
 * every promise is checked.
 */
export async function simulate(seed: number, { customers = 20, tracing = false } = {}): Promise<Outcome> {
	const world = new World(seed, { tracing });
	const cluster = new Cluster(world, topology, deploy());
	const running = flows.map((flow) => flow.start(customers));
	const violations = new Set<string>();
	const look = () => {
		for (const flow of running) for (const found of flow.always(cluster)) violations.add(found);
	};

	const { random } = world;
	cluster.faults = chooseFaults(random);
	cluster.windows = chooseWindows(random, world.now);
	const faultsEnd = Math.max(world.now + 30 * minutes, ...cluster.windows.map(({ to }) => to));
	for (const window of cluster.windows)
		world.say(() => `${window.kind} for ${((window.to - window.from) / hours).toFixed(1)} hours`);
	planChanges(cluster, faultsEnd);
	for (const flow of running) flow.plan(cluster, faultsEnd);

	// A minute at a time at first, then in larger steps: Cron Triggers may be silent for hours.
	for (let step = minutes; world.now < faultsEnd; step = world.now < faultsEnd - hours ? step * 1.3 : minutes) {
		await world.runFor(Math.min(faultsEnd - world.now, step, 12 * hours));
		tick(cluster);
		look();
	}
	heal(cluster);
	const givenUp = world.now + 3 * days;
	for (let step = minutes; world.now < givenUp && !isQuiet(cluster); step = Math.min(step * 1.4, hours)) {
		await world.runFor(step);
		tick(cluster);
		await world.runFor(10_000);
		look();
	}
	for (const found of await atTheEnd(cluster, running)) violations.add(found);
	const checked = Object.assign({}, ...running.map((flow) => flow.checked()));
	const messages = Object.entries(cluster.broker.counts).map(([what, count]) => [`messages ${what}`, count]);
	const happened = { ...cluster.counts, ...Object.fromEntries(messages) };
	const fingerprint = `${world.now} ${random.between(0, 2 ** 32)} ${JSON.stringify({ checked, happened })}`;
	for (const { databases } of Object.values(cluster.deployments)) for (const database of databases.values()) database.close();
	return { seed, violations: [...violations], checked, happened, trace: world.trace ?? [], fingerprint };
}

function deploy(): Record<WorkerName, Deployment> {
	const deployments = workers.map((worker): [WorkerName, Deployment] => {
		const databases = new Map(shards[worker].map((shard) => [shard, new SqliteDatabase(schemas[worker] ?? "")]));
		const quantum: Quantum = {
			...quanta[worker],
			consumes: [...quanta[worker].consumes, ...flows.flatMap(({ consumes }) => consumes?.[worker] ?? [])],
			onReceipt: [...quanta[worker].onReceipt, ...flows.flatMap(({ onReceipt }) => onReceipt?.[worker] ?? [])],
		};
		return [worker, { quantum, topology, databases }];
	});
	return Object.fromEntries(deployments) as Record<WorkerName, Deployment>; // every worker is there
}

/** Keys are rotated and a schema is rolled out, producer first, so that others do not know them for a while. */
function planChanges(cluster: Cluster, until: number): void {
	const { world } = cluster;
	const { random } = world;
	const someTime = () => random.pick([0, 10 * minutes, 9 * hours, 3 * days]);
	for (const worker of workers) {
		if (random.chance(0.5)) world.at(random.between(world.now, until), () => cluster.rotateKey(worker, someTime()));
	}
	if (random.chance(0.5)) {
		world.at(random.between(world.now, until), () => {
			const event = topology.events["TicketSubmitted"];
			if (!event?.schemas[1]) return;
			const next = { ...event, version: 2, schemas: { ...event.schemas, 2: event.schemas[1] } };
			const newer = { events: { ...topology.events, TicketSubmitted: next } };
			cluster.deployments.customer.topology = newer;
			world.say(() => "customer sends version 2 of TicketSubmitted from now on");
			world.after(someTime(), () => {
				cluster.deployments.sysops.topology = newer;
			});
		});
	}
}

function tick(cluster: Cluster): void {
	for (const worker of workers) {
		cluster.cron(worker, relayCron);
		if (cluster.world.random.chance(0.1)) cluster.cron(worker, pruneCron);
	}
}

/** All faults end; whoever waits for a deploy gets it. */
function heal(cluster: Cluster): void {
	cluster.world.say(() => "all faults end");
	cluster.faults = noFaults;
	cluster.windows = [];
	for (const known of Object.values(cluster.keys.knows)) {
		for (const worker of workers) known.set(cluster.keys.signsWith[worker], worker);
	}
	cluster.deployments.sysops.topology = cluster.deployments.customer.topology;
}

const isQuiet = (cluster: Cluster) => waiting(cluster) === 0 && cluster.broker.underway === 0;

function waiting(cluster: Cluster): number {
	return workers.flatMap((worker) => cluster.rows(worker, "select event_id from outbox")).length;
}

async function atTheEnd(cluster: Cluster, running: readonly Flow[]): Promise<string[]> {
	const found: string[] = [];
	if (waiting(cluster) > 0) found.push(`${waiting(cluster)} events are still in an outbox, three days after the last fault`);
	for (const worker of workers) {
		found.push(...cluster.rows<{ what: string }>(worker, "select what from violations").map(({ what }) => what));
	}
	for (const flow of running) {
		found.push(...flow.violations(cluster));
		let later: string[] | undefined;
		void flow.afterwards(cluster).then((result) => {
			later = result;
		});
		await cluster.world.runFor(10 * minutes);
		found.push(...(later ?? ["requests are not answered, though nothing fails any more"]));
	}
	return found;
}
