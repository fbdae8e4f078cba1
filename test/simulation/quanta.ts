import type { WorkerName } from "../../shared/events/topology.ts";
import type { Quantum } from "../../shared/quantum.ts";
import { customer } from "../../workers/customer/quantum.ts";
import { sysops } from "../../workers/sysops/quantum.ts";

/** Every Worker that takes part. A new one is one line here, and one below if it is sharded. */
export const quanta: Readonly<Record<WorkerName, Quantum>> = { customer, sysops };
const shards: Readonly<Partial<Record<WorkerName, readonly string[]>>> = { customer: ["00", "01"] };

export const workers = Object.keys(quanta) as WorkerName[]; // the keys are WorkerName by the type
export const shardsOf = (worker: WorkerName) => shards[worker] ?? ["00"];
