import { replicateCron } from "../../shared/contracts/replicate.ts";
import type { WorkerName } from "../../shared/events/topology.ts";
import { pruneCron, relayCron } from "../../shared/messaging/schedule.ts";
import type { Random } from "../../shared/testing/random.ts";
import { days, hours, minutes } from "../../shared/time.ts";
import { paymentCron } from "../../workers/billing/payments/schedule.ts";
import type { Cluster } from "./cluster.ts";
import { type Faults, noFaults, sayWindows, type Window } from "./faults.ts";
import type { Flow } from "./flow.ts";
import { cardsOverMonths } from "./flows/cards.ts";
import { fewContracts } from "./flows/contracts.ts";
import { notifications } from "./flows/notifications.ts";
import { payments } from "./flows/payments.ts";
import { plansOverMonths } from "./flows/plans.ts";
import type { Kind } from "./kind.ts";
import { MoneyRestore } from "./money-restore.ts";
import type { Person } from "./people.ts";
import { quanta, workers } from "./quanta.ts";
import { stageOf } from "./stage.ts";

/** A world of plans, cards and what they cost: months of it, with as many steps as there are things to do. */
export const moneyWorld: Kind = {
	stage: stageOf([fewContracts, plansOverMonths, cardsOverMonths, notifications, payments]),
	customers: 5,
	people: ["in order"],
	live,
	tick: (cluster) => tick(cluster, atWork(cluster)),
	idle: (cluster) => Math.min(nextDue(cluster) - cluster.world.now, 8 * hours),
};

async function live(cluster: Cluster, _: readonly Person[], running: readonly Flow[], look: () => void): Promise<void> {
	const { world } = cluster;
	const { random } = world;
	const until = world.now + random.between(33 * days, random.pick([50 * days, 70 * days, 70 * days, 120 * days]));
	for (const flow of running) flow.plan(cluster, until);
	// there has to be something that can be signed
	for (let passed = 0; passed < 3; passed++) {
		await world.runFor(6 * minutes);
		for (const worker of workers) if (replicateCron in quanta[worker].crons) cluster.cron(worker, replicateCron);
	}
	cluster.faults = chooseFaults(random);
	cluster.windows = chooseWindows(random, world.now, until);
	sayWindows(cluster);
	const restore = new MoneyRestore(cluster, until);
	while (world.now < until) {
		const due = nextDue(cluster) - world.now + random.between(0, 4 * hours);
		const step = Math.max(random.between(3 * hours, 14 * hours), Math.min(due, random.between(1 * days, 4 * days)));
		await world.runFor(Math.min(step, until - world.now));
		for (const flow of running) flow.atCron?.(cluster);
		restore.look(cluster);
		tick(cluster, atWork(cluster));
		await world.runFor(2 * minutes);
		look();
	}
}

function chooseFaults(random: Random): Faults {
	const level = () => random.pick([0, 0.005, 0.02, 0.08]);
	return {
		...noFaults,
		refuse: level(),
		lost: level(),
		crash: random.pick([0, 0.005, 0.02, 0.05]),
		answerLost: level(),
		drop: random.pick([0, 0, 0.05, 0.2]),
		duplicate: random.pick([0, 0.02, 0.1, 0.3]),
		late: random.pick([0, 0.02, 0.1, 0.2]),
		forge: random.pick([0, 0, 0.02]),
		slow: random.pick([0, 0.05, 0.3]),
		evict: random.pick([0, 0.05, 0.3]),
		giveUp: random.pick([0, 0.05, 0.3]),
	};
}

/** The outages that billing has to live with, at any time. */
function chooseWindows(random: Random, start: number, end: number): Window[] {
	const found: Window[] = [];
	const sometimes = (chance: number, window: Of<Window>, longest: number) => {
		if (!random.chance(chance)) return;
		const from = random.between(start, end);
		found.push({ ...window, from, to: from + Math.round(longest * (0.3 + 0.7 * random.unit())) });
	};
	sometimes(0.4, { kind: "down", worker: "notification" }, 3 * days);
	sometimes(0.4, { kind: "down", worker: "customer" }, 10 * days);
	sometimes(0.3, { kind: "down", worker: "billing" }, random.pick([2 * hours, 2 * days]));
	sometimes(0.3, { kind: "receipts paused", worker: "billing" }, 5 * days);
	for (let i = 0; i < 2; i++) sometimes(0.5, { kind: "provider away" }, random.pick([3 * hours, 3 * days]));
	sometimes(0.2, { kind: "mail refused" }, 3 * days);
	sometimes(0.2, { kind: "database refuses" }, 3 * hours);
	sometimes(0.2, { kind: "cron silent" }, 9 * hours);
	return found;
}
type Of<W> = W extends unknown ? Omit<W, "from" | "to"> : never;

/** The first time at which billing has something to do by itself, or something is sent again. */
function nextDue(cluster: Cluster): number {
	const first = (worker: WorkerName, text: string) =>
		cluster.rows<{ at: number | null }>(worker, text).map(({ at }) => at ?? Infinity);
	return Math.min(
		...workers.flatMap((worker) => first(worker, "select min(next_attempt_at) as at from outbox")),
		...first("billing", "select min(look_at) as at from periods"),
		...first("billing", "select min(look_at) as at from refunds"),
		...first("notification", "select min(next_attempt_at) as at from notifications"),
	);
}

const selectAtWork: Readonly<Partial<Record<WorkerName, string>>> = {
	billing: `select 1 from deliveries where delivered_at is null union all select 1 from periods where look_at is not null
		union all select 1 from refunds where look_at is not null`,
	notification: "select 1 from notifications where next_attempt_at is not null",
};

/** Cron of a Worker that has nothing to do changes nothing: it is spared. */
const atWork = (cluster: Cluster) =>
	workers.filter((worker) => {
		const more = selectAtWork[worker];
		return cluster.rows(worker, `select 1 from (select 1 from outbox ${more ? `union all ${more}` : ""}) limit 1`).length > 0;
	});

function tick(cluster: Cluster, some: readonly WorkerName[]): void {
	const { random } = cluster.world;
	for (const worker of some) {
		cluster.cron(worker, relayCron);
		if (random.chance(0.1)) cluster.cron(worker, relayCron);
		if (random.chance(0.05)) cluster.cron(worker, pruneCron);
		if (paymentCron in quanta[worker].crons)
			for (let runs = random.pick([0, 1, 1, 1, 2]); runs > 0; runs--) cluster.cron(worker, paymentCron);
	}
	for (const worker of workers) {
		if (replicateCron in quanta[worker].crons && random.chance(0.15)) cluster.cron(worker, replicateCron);
	}
}
