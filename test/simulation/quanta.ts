import type { Ctx } from "../../shared/context.ts";
import type { WithContractFeed } from "../../shared/contracts/feed.ts";
import type { WorkerName } from "../../shared/events/topology.ts";
import type { Quantum } from "../../shared/quantum.ts";
import { analytics } from "../../workers/analytics/quantum.ts";
import type { BillingCtx } from "../../workers/billing/context.ts";
import { billing } from "../../workers/billing/quantum.ts";
import { customer } from "../../workers/customer/quantum.ts";
import type { NotificationCtx } from "../../workers/notification/context.ts";
import { notification } from "../../workers/notification/quantum.ts";
import { sysops } from "../../workers/sysops/quantum.ts";

/** The ports of every Worker that takes part. */
export type SimulatedCtx = Ctx & WithContractFeed & NotificationCtx & BillingCtx;

/** Every Worker that takes part. A new one is one line here, and one below if it is sharded. */
export const quanta: Readonly<Record<WorkerName, Quantum<SimulatedCtx>>> = {
	customer,
	notification,
	sysops,
	billing,
	analytics,
};
const shards: Readonly<Partial<Record<WorkerName, readonly string[]>>> = {
	customer: ["00", "01"],
	billing: ["00", "01"],
};

export const workers = Object.keys(quanta) as WorkerName[]; // the keys are WorkerName by the type
export const shardsOf = (worker: WorkerName) => shards[worker] ?? ["00"];
