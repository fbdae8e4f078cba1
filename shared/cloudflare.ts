import { toHex } from "./bytes.ts";
import type { BaseCtx, Ctx, Databases, ResendPolicy, Signer } from "./context.ts";
import { createJwsSigner } from "./crypto/jws-signer.ts";
import { type Bookmark, type SessionDatabases, sessionDatabases, shardedDatabases } from "./databases.ts";
import { queueBinding } from "./events/queues.ts";
import { topology, type WorkerName } from "./events/topology.ts";
import { idOf, type Shard } from "./ids.ts";
import { createLog, traceIdOf } from "./log.ts";
import { hours, minutes, seconds } from "./time.ts";

/** What every Worker's environment has for the messaging, beside its queues. */
export interface MessagingEnv {
	/** Secret: this Worker's private Ed25519 key as a JWK. */
	readonly SIGNING_KEY: string;
	/** Every producer's public keys: `{ source: JWK[] }`. */
	readonly PUBLIC_KEYS: string;
	/** Seconds until an unconfirmed event is sent again, instead of each event's own: for the local stack. */
	readonly FIRST_RESEND_SECONDS: string;
}

const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length));

/** The ports of any Worker on Cloudflare, for one request, call or Cron run. */
export function baseCtx(
	worker: string,
	databases: Databases,
	execution: Pick<ExecutionContext, "waitUntil">,
	traceparent = newTraceparent(),
): BaseCtx {
	const now = () => Date.now();
	const correlationId = idOf("req", "00", randomBytes(16));
	return {
		now,
		randomBytes,
		digest: async (text) => new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))),
		databases,
		log: createLog(worker, { correlationId, traceId: traceIdOf(traceparent) }, console.log, now),
		correlationId,
		traceparent,
		waitUntil: (work) => execution.waitUntil(work),
	};
}

/** The ports of a Worker with events, for one request, queue batch or Cron run. */
export function cloudflareCtx(
	worker: WorkerName,
	env: MessagingEnv,
	databases: Databases,
	execution: Pick<ExecutionContext, "waitUntil">,
	traceparent?: string,
): Ctx {
	return {
		...baseCtx(worker, databases, execution, traceparent),
		worker,
		topology,
		get signer() {
			return signerOf(env);
		},
		queue: (name) => {
			const binding = (env as unknown as Record<string, Queue<string> | undefined>)[queueBinding(name)]; // bindings follow the topology
			if (!binding) throw new Error(`no binding for queue ${name}`);
			return {
				send: async (messages) => {
					await binding.sendBatch(messages.map((body) => ({ body, contentType: "text" })));
				},
			};
		},
		resend: resendPolicy(env),
	};
}

/** The databases bound as `<prefix>_<shard>`. */
export function shardBindings(env: object, prefix: string): Databases {
	return shardedDatabases(boundAs(env, prefix));
}

/** The same in D1 sessions of one request, see `sessionDatabases`. */
export function shardSessions(env: object, prefix: string, seen?: Bookmark): SessionDatabases {
	return sessionDatabases(boundAs(env, prefix), seen);
}

function boundAs(env: object, prefix: string): Map<Shard, D1Database> {
	const bound = Object.entries(env).filter(([name]) => name.startsWith(`${prefix}_`));
	return new Map(bound.map(([name, binding]) => [name.slice(prefix.length + 1).toLowerCase(), binding]));
}

function resendPolicy(env: MessagingEnv): ResendPolicy {
	const policy = { maxDelay: 6 * hours, silentAfter: 10 * minutes };
	return env.FIRST_RESEND_SECONDS ? { ...policy, firstDelay: Number(env.FIRST_RESEND_SECONDS) * seconds } : policy;
}

let imported: { readonly keys: string; readonly signer: Signer } | undefined;

/** Keys are imported once an isolate and only when needed: without keys requests still work, and the relay sends later. */
function signerOf({ SIGNING_KEY, PUBLIC_KEYS }: MessagingEnv): Signer {
	const keys = SIGNING_KEY + PUBLIC_KEYS;
	if (imported?.keys !== keys) imported = { keys, signer: createJwsSigner(SIGNING_KEY, PUBLIC_KEYS) };
	return imported.signer;
}

/** W3C Trace Context: version, trace id, span id, sampled. */
function newTraceparent(): string {
	return `00-${toHex(randomBytes(16))}-${toHex(randomBytes(8))}-01`;
}

/** The caller's trace when it is well formed, else a new one. */
export function traceparentOf(request: Request): string {
	const given = request.headers.get("traceparent") ?? "";
	return /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/.test(given) ? given : newTraceparent();
}
