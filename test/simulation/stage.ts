import { migrationsOf, readMigrations } from "../../scripts/migrations.ts";
import { topology as productTopology, type Topology, type WorkerName } from "../../shared/events/topology.ts";
import type { Quantum } from "../../shared/quantum.ts";
import type { Cluster, Deployment } from "./cluster.ts";
import { assignments } from "./flows/assignments.ts";
import { cards } from "./flows/cards.ts";
import { contracts } from "./flows/contracts.ts";
import { counts } from "./flows/counts.ts";
import { notifications } from "./flows/notifications.ts";
import { payments } from "./flows/payments.ts";
import { plans } from "./flows/plans.ts";
import { surveys } from "./flows/surveys.ts";
import { tickets } from "./flows/tickets.ts";
import { peopleWitness } from "./people.ts";
import { quanta, type SimulatedCtx, shardsOf, workers } from "./quanta.ts";
import { SqliteDatabase } from "./sqlite-d1.ts";

export const flows = [tickets, counts, contracts, plans, assignments, notifications, surveys, cards, payments];

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

/** An event in an outbox, parked or on its way. */
export interface Left {
	readonly id: string;
	readonly type: string;
	readonly isParked: number;
}

/**
 * Events that nobody has confirmed. What customers say of a ticket that sysops has pruned meanwhile is left out: after an
 * absence of three months that is deferred, for a year, and then rejected.
 */
export function left(cluster: Cluster): Left[] {
	const pruned = new Set(cluster.rows<{ id: string }>("sysops", "select id from pruned").map(({ id }) => id));
	const text =
		"select event_id as id, type, next_attempt_at is null as isParked, event->>'$.data.ticketId' as ticketId from outbox";
	return workers.flatMap((worker) => {
		const rows = cluster.rows<Left & { ticketId: string | null }>(worker, text);
		return worker === "customer" ? rows.filter(({ ticketId }) => !(ticketId && pruned.has(ticketId))) : rows;
	});
}

/** How many of them will come again. */
export const waiting = (cluster: Cluster): number => left(cluster).filter(({ isParked }) => !isParked).length;
