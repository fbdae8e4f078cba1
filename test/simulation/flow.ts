import type { EventDefinition, WorkerName } from "../../shared/events/topology.ts";
import type { Consumption } from "../../shared/messaging/consumption.ts";
import type { ReceiptEffect } from "../../shared/messaging/receipts.ts";
import type { Cluster } from "./cluster.ts";
import type { Person } from "./people.ts";

/** A flow in one run: what its people do and were told, and what must hold. Violations are sentences for a reader. */
export interface Flow {
	/** Plans what its people do between now and `until`, through `cluster.request`. */
	plan(cluster: Cluster, until: number): void;
	/** What people do while Cron Triggers run. */
	atCron?(cluster: Cluster): void;
	/** Is something underway, though no event waits? The run goes on then. */
	isBusy?(cluster: Cluster): boolean;
	/** What must hold at every moment, faults or not: asked again and again. */
	always(cluster: Cluster): string[];
	/** What must hold once every fault is over and all outboxes are empty. */
	violations(cluster: Cluster): string[];
	/** The same as seen by the people themselves, through requests. */
	afterwards(cluster: Cluster): Promise<string[]>;
	/** What it checked, by name: printed after the run. */
	checked(): Readonly<Record<string, number>>;
}

/** How a flow joins the simulation: one file in `flows/`, and its place in `flows` of `stage.ts`. */
export interface FlowKind {
	/** SQL of its witnesses, such as triggers that note in `violations` what must never happen. Run in every shard. */
	readonly witnesses?: Readonly<Partial<Record<WorkerName, string>>>;
	/** Events, consumptions and receipt effects that only the simulation has. */
	readonly events?: Readonly<Record<string, EventDefinition>>;
	readonly consumes?: Readonly<Partial<Record<WorkerName, readonly Consumption[]>>>;
	readonly onReceipt?: Readonly<Partial<Record<WorkerName, readonly ReceiptEffect[]>>>;
	/** Events whose rejection is part of the flow. Any other that is parked in the end breaks a promise. */
	readonly parks?: readonly string[];
	/** `people`: the customers of this run, who take part in every flow. */
	start(people: readonly Person[]): Flow;
}
