import { env } from "cloudflare:workers";
import type { Ctx, ResendPolicy, Signer } from "../context.ts";
import { createJwsSigner } from "../crypto/jws-signer.ts";
import { shardedDatabases, singleDatabase } from "../databases.ts";
import type { Topology, WorkerName } from "../events/topology.ts";
import { idOf } from "../ids.ts";
import type { Log, LogFields } from "../log.ts";
import type { QueueMessage } from "../messaging/quarantine.ts";
import { onQueue, type Quantum } from "../quantum.ts";
import { publicKeys, signingKey } from "./bindings.ts";
import { type Observed, observe } from "./database.ts";

export const seconds = 1000;
export const minutes = 60 * seconds;
export const hours = 60 * minutes;
export const days = 24 * hours;

interface LogEntry extends LogFields {
	readonly level: keyof Log;
	readonly message: string;
}

/** What became of the messages of one queue batch, by their place in it. */
export interface Delivery {
	readonly acknowledged: number[];
	readonly retried: number[];
}

/** Two Workers on real databases; clock, randomness, queues and log are the test's. */
export interface World {
	now: number;
	resend: ResendPolicy;
	readonly signers: Record<WorkerName, Signer>;
	readonly databases: { readonly customer00: Observed; readonly customer01: Observed; readonly sysops: Observed };
	/** Every `sendBatch`, by queue. */
	readonly sends: Map<string, string[][]>;
	/** Queues that take nothing. */
	readonly failingQueues: Set<string>;
	readonly log: LogEntry[];
	/** The ports of one request, queue batch or Cron run. */
	ctx(worker: WorkerName): Ctx;
	/** Waits for what goes on after the answers. */
	settled(): Promise<void>;
	/** All that was sent to a queue since it was last asked. */
	take(queue: string): string[];
	/** Hands one queue batch to a Worker. */
	deliver(quantum: Quantum, queue: string, bodies: readonly unknown[]): Promise<Delivery>;
	/** The messages of the log at this level. */
	logged(level: keyof Log): string[];
}

export function createWorld(topology: Topology): World {
	const { CUSTOMER_DB_00, CUSTOMER_DB_01, SYSOPS_DB } = env;
	const databases = { customer00: observe(CUSTOMER_DB_00), customer01: observe(CUSTOMER_DB_01), sysops: observe(SYSOPS_DB) };
	const ofWorker = {
		customer: shardedDatabases(
			new Map([
				["00", databases.customer00],
				["01", databases.customer01],
			]),
		),
		sysops: singleDatabase(databases.sysops),
	};
	const randomBytes = seededBytes(1);
	const afterAnswers: Promise<unknown>[] = [];
	let messages = 0;

	const world: World = {
		now: Date.UTC(2026, 10, 2, 12),
		resend: { maxDelay: 6 * hours, silentAfter: 10 * minutes },
		signers: {
			customer: createJwsSigner(signingKey("customer"), publicKeys),
			sysops: createJwsSigner(signingKey("sysops"), publicKeys),
		},
		databases,
		sends: new Map(),
		failingQueues: new Set(),
		log: [],
		ctx: (worker) => ({
			worker,
			topology,
			now: () => world.now,
			randomBytes,
			digest: async (text) => new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))),
			signer: world.signers[worker],
			databases: ofWorker[worker],
			queue: (name) => ({
				send: async (texts) => {
					if (world.failingQueues.has(name)) throw new Error("the queue takes nothing");
					world.sends.set(name, [...(world.sends.get(name) ?? []), [...texts]]);
				},
			}),
			resend: world.resend,
			log: recordingLog(world.log),
			correlationId: idOf("req", "00", randomBytes(16)),
			traceparent: "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
			waitUntil: (work) => afterAnswers.push(work),
		}),
		async settled() {
			await Promise.all(afterAnswers.splice(0));
		},
		take(queue) {
			const sent = world.sends.get(queue) ?? [];
			world.sends.delete(queue);
			return sent.flat();
		},
		async deliver(quantum, queue, bodies) {
			const told = bodies.map((): "nothing" | "ack" | "retry" => "nothing");
			const batch = bodies.map((body, at): QueueMessage => {
				messages += 1;
				return { id: `message-${messages}`, body, ack: () => (told[at] = "ack"), retry: () => (told[at] = "retry") };
			});
			await onQueue(quantum, world.ctx(quantum.worker), { queue, messages: batch });
			const places = (what: string) => told.flatMap((became, at) => (became === what ? [at] : []));
			if (places("nothing").length > 0) throw new Error("a message was neither acknowledged nor told to come again");
			return { acknowledged: places("ack"), retried: places("retry") };
		},
		logged: (level) => world.log.filter((entry) => entry.level === level).map(({ message }) => message),
	};
	return world;
}

function recordingLog(entries: LogEntry[]): Log {
	const at =
		(level: keyof Log): Log[keyof Log] =>
		(message, fields = {}) => {
			entries.push({ level, message, ...fields });
		};
	return { info: at("info"), warn: at("warn"), alarm: at("alarm") };
}

/** The same bytes in every run (mulberry32). */
function seededBytes(seed: number): (length: number) => Uint8Array {
	let state = seed;
	return (length) =>
		Uint8Array.from({ length }, () => {
			state = (state + 0x6d2b79f5) | 0;
			let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
			mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
			return (mixed ^ (mixed >>> 14)) & 255;
		});
}

/** All rows of a query, for what a test asserts about a database. */
export async function rowsOf<Row = Record<string, unknown>>(
	database: D1Database,
	text: string,
	...values: unknown[]
): Promise<Row[]> {
	return (
		await database
			.prepare(text)
			.bind(...values)
			.all<Row>()
	).results;
}

/** Payload and protected header of a message: what anybody who holds it can read. */
export function readMessage(token: string | undefined): { header: Record<string, unknown>; event: Record<string, unknown> } {
	const [header = "", payload = ""] = (token ?? "").split(".");
	const decode = (part: string) => {
		const bytes = Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
		return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>; // signed JSON objects only
	};
	return { header: decode(header), event: decode(payload) };
}
