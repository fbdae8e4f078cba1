import { env } from "cloudflare:workers";
import type { Ctx, ResendPolicy, Signer } from "../context.ts";
import { createJwsSigner } from "../crypto/jws-signer.ts";
import { shardedDatabases, singleDatabase } from "../databases.ts";
import type { Topology, WorkerName } from "../events/topology.ts";
import { idOf } from "../ids.ts";
import type { Log, LogFields } from "../log.ts";
import type { QueueMessage } from "../messaging/quarantine.ts";
import { type Consumer, onQueue } from "../quantum.ts";
import { hours, minutes } from "../time.ts";
import { publicKeys, signingKey } from "./bindings.ts";
import { type Observed, observe } from "./database.ts";
import { Random } from "./random.ts";

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
export interface Quanta {
	now: number;
	resend: ResendPolicy;
	readonly signers: Record<WorkerName, Signer>;
	readonly databases: {
		readonly customer00: Observed;
		readonly customer01: Observed;
		readonly sysops: Observed;
		readonly billing00: Observed;
		readonly billing01: Observed;
		readonly notification: Observed;
		readonly analytics: Observed;
	};
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
	/**
	 * Hands one queue batch to a Worker; what it does by itself afterwards is left out. `ports`: those that its consumptions need
	 * beside everybody's.
	 */
	deliver<OwnCtx extends Ctx>(
		quantum: Consumer<OwnCtx>,
		queue: string,
		bodies: readonly unknown[],
		ports?: Partial<Omit<OwnCtx, keyof Ctx>>,
	): Promise<Delivery>;
	/** The messages of the log at this level. */
	logged(level: keyof Log): string[];
}

export function createQuanta(topology: Topology): Quanta {
	const { CUSTOMER_DB_00, CUSTOMER_DB_01, SYSOPS_DB, BILLING_DB_00, BILLING_DB_01, NOTIFICATION_DB, ANALYTICS_DB } = env;
	const databases = {
		customer00: observe(CUSTOMER_DB_00),
		customer01: observe(CUSTOMER_DB_01),
		sysops: observe(SYSOPS_DB),
		billing00: observe(BILLING_DB_00),
		billing01: observe(BILLING_DB_01),
		notification: observe(NOTIFICATION_DB),
		analytics: observe(ANALYTICS_DB),
	};
	const ofWorker = {
		customer: shardedDatabases(
			new Map([
				["00", databases.customer00],
				["01", databases.customer01],
			]),
		),
		sysops: singleDatabase(databases.sysops),
		billing: shardedDatabases(
			new Map([
				["00", databases.billing00],
				["01", databases.billing01],
			]),
		),
		notification: singleDatabase(databases.notification),
		analytics: singleDatabase(databases.analytics),
	};
	const random = new Random(1);
	const randomBytes = (length: number) => random.bytes(length);
	const afterAnswers: Promise<unknown>[] = [];
	let messages = 0;

	const quanta: Quanta = {
		now: Date.UTC(2026, 10, 2, 12),
		resend: { maxDelay: 6 * hours, silentAfter: 10 * minutes },
		signers: {
			customer: createJwsSigner(signingKey("customer"), publicKeys),
			sysops: createJwsSigner(signingKey("sysops"), publicKeys),
			billing: createJwsSigner(signingKey("billing"), publicKeys),
			notification: createJwsSigner(signingKey("notification"), publicKeys),
			analytics: createJwsSigner(signingKey("analytics"), publicKeys),
		},
		databases,
		sends: new Map(),
		failingQueues: new Set(),
		log: [],
		ctx: (worker) => ({
			worker,
			topology,
			now: () => quanta.now,
			randomBytes,
			digest: async (text) => new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))),
			signer: quanta.signers[worker],
			databases: ofWorker[worker],
			queue: (name) => ({
				send: async (texts) => {
					if (quanta.failingQueues.has(name)) throw new Error("the queue takes nothing");
					quanta.sends.set(name, [...(quanta.sends.get(name) ?? []), [...texts]]);
				},
			}),
			resend: quanta.resend,
			log: recordingLog(quanta.log),
			correlationId: idOf("req", "00", randomBytes(16)),
			traceparent: "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
			waitUntil: (work) => afterAnswers.push(work),
		}),
		async settled() {
			await Promise.all(afterAnswers.splice(0));
		},
		take(queue) {
			const sent = quanta.sends.get(queue) ?? [];
			quanta.sends.delete(queue);
			return sent.flat();
		},
		async deliver<OwnCtx extends Ctx>(
			{ worker, consumes, onReceipt, keeper }: Consumer<OwnCtx>,
			queue: string,
			bodies: readonly unknown[],
			ports: object = {},
		) {
			const told = bodies.map((): "nothing" | "ack" | "retry" => "nothing");
			const batch = bodies.map((body, at): QueueMessage => {
				messages += 1;
				return { id: `message-${messages}`, body, ack: () => (told[at] = "ack"), retry: () => (told[at] = "retry") };
			});
			const ctx = Object.assign(quanta.ctx(worker), ports) as OwnCtx; // what is missing, no test asks for
			await onQueue({ worker, consumes, onReceipt, keeper }, ctx, { queue, messages: batch });
			const places = (what: string) => told.flatMap((became, at) => (became === what ? [at] : []));
			if (places("nothing").length > 0) throw new Error("a message was neither acknowledged nor told to come again");
			return { acknowledged: places("ack"), retried: places("retry") };
		},
		logged: (level) => quanta.log.filter((entry) => entry.level === level).map(({ message }) => message),
	};
	return quanta;
}

function recordingLog(entries: LogEntry[]): Log {
	const at =
		(level: keyof Log): Log[keyof Log] =>
		(message, fields = {}) => {
			entries.push({ level, message, ...fields });
		};
	return { info: at("info"), warn: at("warn"), alarm: at("alarm") };
}
