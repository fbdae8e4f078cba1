import type { Topology, WorkerName } from "./events/topology.ts";
import type { Shard } from "./ids.ts";
import type { Log } from "./log.ts";

/** What D1, one of its sessions, and the simulation's SQLite have in common. */
export type Database = Pick<D1Database, "prepare" | "batch">;

/** The databases of one Worker. `locate` tells the shard of an id; a Worker that is not sharded has only `00`. */
export interface Databases {
	readonly shards: readonly Shard[];
	locate(id: string): Shard | undefined;
	get(shard: Shard): Database;
}

export interface Signer {
	/** Signs as this Worker; `issuedAt` in seconds goes with `audience` into the protected header. */
	sign(payload: string, header: { audience: WorkerName; issuedAt: number }): Promise<string>;
	/** Checks the signature only: whose key it is and what was signed, or why not. */
	verify(token: string): Promise<Verified | { failure: "malformed" | "unknown_key" | "bad_signature" }>;
}

export interface Verified {
	readonly source: WorkerName;
	readonly audience: string;
	/** Seconds since 1970. */
	readonly issuedAt: number;
	readonly payload: string;
}

export interface QueuePort {
	/** Sends texts, at most 100 and 256 KB in one call (Cloudflare's limits); rejects when none was taken. */
	send(messages: readonly string[]): Promise<void>;
}

/** When and how often an unconfirmed event is sent again. Times in milliseconds. */
export interface ResendPolicy {
	/** Replaces each event's own first delay where set: the local stack uses a few seconds. */
	readonly firstDelay?: number;
	/** Give or take a quarter. */
	readonly maxDelay: number;
	/** A destination whose last receipt is older than this is silent and gets probes only. */
	readonly silentAfter: number;
}

/** The ports that every Worker has. */
export interface BaseCtx {
	/** Milliseconds since 1970, UTC. */
	now(): number;
	randomBytes(length: number): Uint8Array;
	/** SHA-256. */
	digest(text: string): Promise<Uint8Array>;
	readonly databases: Databases;
	readonly log: Log;
	/** Goes through everything that one request sets off, to the last receipt. */
	readonly correlationId: string;
	/** W3C Trace Context, version 00. */
	readonly traceparent: string;
	/** Work that goes on after the answer. Never rejects the answer. */
	waitUntil(work: Promise<unknown>): void;
}

/**
 * The ports of a Worker with events. All that the rules of the messaging touch comes in here, so that the same code
 * runs in a Worker, in a test and in the deterministic simulation.
 */
export interface Ctx extends BaseCtx {
	readonly worker: WorkerName;
	readonly topology: Topology;
	readonly signer: Signer;
	queue(name: string): QueuePort;
	readonly resend: ResendPolicy;
}
