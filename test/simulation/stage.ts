import { migrationsOf, readMigrations } from "../../scripts/migrations.ts";
import { topology as productTopology, type Topology, type WorkerName } from "../../shared/events/topology.ts";
import type { Quantum } from "../../shared/quantum.ts";
import type { Cluster, Deployment } from "./cluster.ts";
import type { FlowKind } from "./flow.ts";
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
import { imageOf, SqliteDatabase } from "./sqlite-d1.ts";

/** The flows that a world has, and every Worker of the product with what these add to it. */
export interface Stage {
	readonly flows: readonly FlowKind[];
	readonly topology: Topology;
	/** Every Worker with databases of its own, in which nothing has happened yet. */
	deploy(): Record<WorkerName, Deployment>;
}

export function stageOf(flows: readonly FlowKind[]): Stage {
	const ofFlows: Topology = { events: Object.assign({}, productTopology.events, ...flows.map(({ events }) => events)) };
	const schemas = new Map(
		workers.map((worker) => {
			const migrations = readMigrations(migrationsOf(worker)).map(({ text }) => text);
			const witnesses = flows.map((flow) => flow.witnesses?.[worker] ?? "");
			const violations = "create table violations (what text)";
			return [worker, imageOf([...migrations, violations, worker === "customer" ? peopleWitness : "", ...witnesses].join(";\n"))];
		}),
	);
	const deployment = (worker: WorkerName): Deployment => {
		const image = schemas.get(worker) ?? imageOf("");
		const databases = new Map(shardsOf(worker).map((shard) => [shard, new SqliteDatabase(image)]));
		const quantum: Quantum<SimulatedCtx> = {
			...quanta[worker],
			consumes: [...quanta[worker].consumes, ...flows.flatMap(({ consumes }) => consumes?.[worker] ?? [])],
			onReceipt: [...quanta[worker].onReceipt, ...flows.flatMap(({ onReceipt }) => onReceipt?.[worker] ?? [])],
		};
		return { quantum, topology: ofFlows, databases };
	};
	return {
		flows,
		topology: ofFlows,
		// every worker is there
		deploy: () => Object.fromEntries(workers.map((worker) => [worker, deployment(worker)])) as Record<WorkerName, Deployment>,
	};
}

/** Everything that customers and staff do. */
export const everything = stageOf([tickets, counts, contracts, plans, assignments, notifications, surveys, cards, payments]);
export const { topology, deploy } = everything;

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
	const isThere = cluster.rows("sysops", "select 1 from sqlite_master where name = 'pruned'").length > 0;
	const gone = isThere ? cluster.rows<{ id: string }>("sysops", "select id from pruned") : [];
	const pruned = new Set(gone.map(({ id }) => id));
	const text =
		"select event_id as id, type, next_attempt_at is null as isParked, event->>'$.data.ticketId' as ticketId from outbox";
	return workers.flatMap((worker) => {
		const rows = cluster.rows<Left & { ticketId: string | null }>(worker, text);
		return worker === "customer" ? rows.filter(({ ticketId }) => !(ticketId && pruned.has(ticketId))) : rows;
	});
}

/** How many of them will come again. */
export const waiting = (cluster: Cluster): number => left(cluster).filter(({ isParked }) => !isParked).length;
