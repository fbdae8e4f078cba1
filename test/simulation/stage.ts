import { migrationsOf, readMigrations } from "../../scripts/migrations.ts";
import { topology as productTopology, type Topology, type WorkerName } from "../../shared/events/topology.ts";
import type { Quantum } from "../../shared/quantum.ts";
import type { Cluster, Deployment } from "./cluster.ts";
import { assignments } from "./flows/assignments.ts";
import { cards } from "./flows/cards.ts";
import { contracts } from "./flows/contracts.ts";
import { counts } from "./flows/counts.ts";
import { notifications } from "./flows/notifications.ts";
import { plans } from "./flows/plans.ts";
import { surveys } from "./flows/surveys.ts";
import { tickets } from "./flows/tickets.ts";
import { peopleWitness } from "./people.ts";
import { quanta, type SimulatedCtx, shardsOf, workers } from "./quanta.ts";
import { SqliteDatabase } from "./sqlite-d1.ts";

export const flows = [tickets, counts, contracts, plans, assignments, notifications, surveys, cards];

export const topology: Topology = { events: Object.assign({}, productTopology.events, ...flows.map(({ events }) => events)) };
const schemas = Object.fromEntries(
	workers.map((worker) => {
		const migrations = readMigrations(migrationsOf(worker)).map(({ text }) => text);
		const witnesses = flows.map((flow) => flow.witnesses?.[worker] ?? "");
		return [
			worker,
			[...migrations, "create table violations (what text)", worker === "customer" ? peopleWitness : "", ...witnesses].join(
				";\n",
			),
		];
	}),
);

/** Every Worker with databases of its own, in which nothing has happened yet. */
export function deploy(): Record<WorkerName, Deployment> {
	const deployments = workers.map((worker): [WorkerName, Deployment] => {
		const databases = new Map(shardsOf(worker).map((shard) => [shard, new SqliteDatabase(schemas[worker] ?? "")]));
		const quantum: Quantum<SimulatedCtx> = {
			...quanta[worker],
			consumes: [...quanta[worker].consumes, ...flows.flatMap(({ consumes }) => consumes?.[worker] ?? [])],
			onReceipt: [...quanta[worker].onReceipt, ...flows.flatMap(({ onReceipt }) => onReceipt?.[worker] ?? [])],
		};
		return [worker, { quantum, topology, databases }];
	});
	return Object.fromEntries(deployments) as Record<WorkerName, Deployment>; // every worker is there
}

/** Events that nobody has confirmed. */
export function waiting(cluster: Cluster): number {
	return workers.flatMap((worker) => cluster.rows(worker, "select 1 from outbox where next_attempt_at is not null")).length;
}
