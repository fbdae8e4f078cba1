import { execFile, spawn } from "node:child_process";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { root } from "../run.ts";

/** A local stack that runs, whoever has started it. */
export interface Stack {
	readonly port: number;
	request(worker: string, path: string, init?: RequestInit & { headers?: Record<string, string> }): Promise<Response>;
	fire(worker: string, cron: string): Promise<Response>;
	/** The output of `npm run token` with these arguments. */
	token(...args: string[]): Promise<string>;
}

/** A stack in a process group of its own, started by the same script as `npm start`: for tests and the kill test. */
export interface SpawnedStack extends Stack {
	/** The process group. */
	readonly pid: number;
	/** Rejects with what was printed when the stack ends before it is ready. */
	readonly ready: Promise<void>;
	/** Resolves with the exit code when the script has ended; null after a kill. */
	readonly ended: Promise<number | null>;
	/** What the Workers have logged so far: JSON lines. */
	readonly entries: readonly LogEntry[];
	/** What a person has read so far. */
	said(): string;
	/** As Ctrl-C does: to the whole group. */
	interrupt(): void;
	/** SIGKILL to the whole group. */
	kill(): void;
}

export type LogEntry = Readonly<Record<string, string | number | undefined>>;

/** The stack that listens on `port` and has its data in `home`. */
export function stackAt({ home, port }: { home: string; port: number }): Stack {
	const env = { ...process.env, DEV_STATE: home, PORT: String(port) };
	const request: Stack["request"] = (worker, path, init = {}) =>
		fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers: { "x-dev-host": worker, ...init.headers } });
	return {
		port,
		request,
		fire: (worker, cron) =>
			request("", `/__dev/scheduled?${new URLSearchParams({ worker, cron })}`, {
				method: "POST",
				// longer than any job takes: who was killed while it ran leaves nobody waiting
				signal: AbortSignal.timeout(30_000),
			}),
		token: async (...args) => {
			const { stdout } = await promisify(execFile)(process.execPath, ["scripts/dev/token.ts", ...args], { cwd: root, env });
			return stdout.trim();
		},
	};
}

/** `rateLimits: false` leaves flood control out. */
export function spawnStack({
	home,
	port,
	rateLimits = true,
}: {
	home: string;
	port: number;
	rateLimits?: boolean;
}): SpawnedStack {
	const env = { ...process.env, DEV_STATE: home, PORT: String(port), DEV_RATE_LIMITS: rateLimits ? "on" : "off" };
	const child = spawn(process.execPath, ["scripts/dev/start.ts"], {
		cwd: root,
		env,
		detached: true,
		stdio: ["ignore", "pipe", "pipe"],
	});
	const { pid } = child;
	if (pid === undefined) throw new Error("the stack could not be spawned");

	const entries: LogEntry[] = [];
	const said: string[] = [];
	createInterface({ input: child.stdout }).on("line", (line) => entries.push(JSON.parse(line)));
	const people = createInterface({ input: child.stderr }).on("line", (line) => said.push(line));
	const ended = new Promise<number | null>((done) => child.once("close", (code) => done(code)));
	const ready = new Promise<void>((resolve, reject) => {
		people.on("line", (line) => line.includes("ready after") && resolve());
		void ended.then((code) => reject(new Error(`ended with ${code} before it was ready:\n${said.join("\n")}`)));
	});
	ready.catch(() => {}); // who waits for it hears of it; who kills it before does not want to

	const signal = (name: "SIGINT" | "SIGKILL") => {
		try {
			process.kill(-pid, name);
		} catch {
			// the group has ended
		}
	};
	return {
		...stackAt({ home, port }),
		pid,
		ready,
		ended,
		entries,
		said: () => said.join("\n"),
		interrupt: () => signal("SIGINT"),
		kill: () => signal("SIGKILL"),
	};
}

/** A port that nobody listens on at this moment. */
export function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const address = server.address();
			server.close(() => (typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port"))));
		});
	});
}
