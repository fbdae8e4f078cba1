import { replicateCron } from "../../shared/contracts/replicate.ts";
import type { EventDefinition, WorkerName } from "../../shared/events/topology.ts";
import { pruneCron, relayCron } from "../../shared/messaging/schedule.ts";
import { days, hours, minutes } from "../../shared/time.ts";
import { paymentCron } from "../../workers/billing/payments/schedule.ts";
import { vaultCron } from "../../workers/billing/vault/schedule.ts";
import type { Cluster } from "./cluster.ts";
import { chooseFaults, chooseWindows, noFaults, sayWindows } from "./faults.ts";
import type { Flow } from "./flow.ts";
import type { Kind } from "./kind.ts";
import { type Person, planLives } from "./people.ts";
import { quanta, workers } from "./quanta.ts";
import { everything } from "./stage.ts";

/** A world in which everything happens that the product does, mostly within days. */
export const generalWorld: Kind = { stage: everything, customers: 20, live, tick: (cluster) => tick(cluster, []) };

async function live(cluster: Cluster, people: readonly Person[], running: readonly Flow[], look: () => void): Promise<void> {
	const { world } = cluster;
	const { random } = world;
	cluster.faults = chooseFaults(random);
	cluster.windows = chooseWindows(random, world.now, workers);
	sayWindows(cluster);
	const faultsEnd = Math.max(world.now + 30 * minutes, ...cluster.windows.map(({ to }) => to));
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
}

/**
 * In a few worlds time goes on for more than a month, in larger steps and with few faults: periods come, are paid, and tried again
 * when they were not.
 */
async function passMonths(cluster: Cluster, running: readonly Flow[], look: () => void): Promise<void> {
	const { world } = cluster;
	const { random } = world;
	if (random.chance(0.97)) return;
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
	const events = Object.entries(everything.topology.events);
	const [type, event] = events[random.between(0, events.length)] ?? [];
	if (!type || !event || random.chance(0.5)) return;
	world.at(random.between(world.now, until), () => {
		const next = withNextVersion(event);
		world.say(() => `${next.from} sends version ${next.version} of ${type} from now on`);
		cluster.rollOut({ events: { ...everything.topology.events, [type]: next } }, next.from, someTime);
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
