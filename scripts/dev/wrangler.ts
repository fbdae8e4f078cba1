import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { quietEnvironment, root } from "../run.ts";
import { address, home, logFile, stateFolder } from "./home.ts";
import { descendants, kill, orphans } from "./processes.ts";

export interface Wrangler {
	/** Resolves when the process has ended, by itself or not. */
	readonly ended: Promise<void>;
	note(line: string): void;
	/** Ends it and everything that it started. */
	stop(): Promise<void>;
}

/** One `wrangler dev` for all Workers, in our own process group: what is sent to the group reaches it too. */
export function startWrangler(port: number, configs: readonly string[]): Wrangler {
	// two stacks on one machine do not see each other
	const registry = { WRANGLER_REGISTRY_PATH: join(home, "registry") };
	// at any higher level it would keep the Workers' own lines to itself
	const env = { ...process.env, ...quietEnvironment, ...registry, WRANGLER_LOG: "log" };
	const child = spawn(
		process.execPath,
		[
			join(root, "node_modules/wrangler/bin/wrangler.js"),
			"dev",
			...configs.flatMap((config) => ["-c", config]),
			...["--port", String(port), "--ip", address, "--inspector-port", "0", "--show-interactive-dev-session=false"],
			...["--persist-to", stateFolder],
		],
		{ cwd: root, stdio: ["ignore", "pipe", "pipe"], env },
	);
	const log = createWriteStream(logFile, { flags: "w" });
	log.on("error", () => {}); // its folder may be gone before the last line is
	const note = (line: string) => log.write(`${line}\n`);
	for (const stream of [child.stdout, child.stderr]) passOn(stream, note);

	const ended = new Promise<void>((done) => child.once("close", () => done()));
	return { ended, note, stop: () => stop(child, ended) };
}

/**
 * The Workers' own JSON lines go to stdout as they are, errors with their details to stderr, the rest to the log file.
 * wrangler puts the Worker's name before a line.
 */
function passOn(stream: NodeJS.ReadableStream, note: (line: string) => void): void {
	let inError = false;
	createInterface({ input: stream }).on("line", (raw) => {
		const line = stripVTControlCharacters(raw);
		const entry = /^(?:\[[\w-]+\] )?(\{"time":.*\})$/.exec(line)?.[1];
		if (entry) {
			if (isHealthPoll(entry)) note(entry);
			else process.stdout.write(`${entry}\n`);
			return;
		}
		note(line);
		// An error's details are indented or follow a blank line.
		inError = /\[ERROR\]|\[wrangler:error\]/.test(line) || (inError && /^(\s|$)/.test(line));
		if (inError) process.stderr.write(`${line}\n`);
	});
}

const isHealthPoll = (entry: string) => entry.includes('"message":"request"') && entry.includes('"route":"/healthz"');

/** Milliseconds that wrangler has to end by itself: it flushes what the Workers store. */
const patience = 5000;

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
	const family = descendants(child.pid);
	child.kill("SIGTERM");
	const late = setTimeout(() => kill(family), patience);
	await ended;
	clearTimeout(late);
	kill(orphans());
}
