import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { root } from "../run.ts";

/**
 * Where a local stack keeps all that is its own: `.wrangler`, or the folder that DEV_STATE names, so that a test never
 * touches a developer's data.
 */
export const home = resolve(root, process.env["DEV_STATE"] || ".wrangler");
export const isDefaultHome = home === join(root, ".wrangler");

/** What the Workers store. */
export const stateFolder = join(home, "state");
/** What the payment sandbox has done: as old as what the Workers store, and cleared with it. */
export const paymentsFile = join(stateFolder, "payments.sqlite");
/** Everything that wrangler prints and nobody needs to see. */
export const logFile = join(home, "dev.log");
/** There while a stack runs, and after one that was killed. */
export const runningFile = join(home, "running.json");
/** Where wrangler puts the e-mails of a stack that has a folder of its own: one folder a run, cleared at its end unless it was killed. */
export const mailFilesIn = (home: string) => join(home, "config/gateway/.wrangler/tmp/email");
/** The same of this stack. */
export const mailFiles = isDefaultHome ? join(root, "scripts/dev/gateway/.wrangler/tmp/email") : mailFilesIn(home);

/** The ports that a running stack takes on this machine only. */
export const address = "127.0.0.1";

interface Running {
	readonly port: number;
	/** Where its payment sandbox is. */
	readonly paymentsUrl: string;
}

/** The stack that last ran here and has not been stopped, whether it still runs or was killed. */
export function lastStack(): Running | undefined {
	try {
		return JSON.parse(readFileSync(runningFile, "utf8"));
	} catch {
		return undefined; // not there, or a kill came while it was written
	}
}

export const noteStack = (running: Running) => writeFileSync(runningFile, JSON.stringify(running));

/** Its port. */
export const lastPort = () => lastStack()?.port;

/** Can this port be listened on? Port 0 can always: it stands for any free one. */
export function portIsFree(port: number): Promise<boolean> {
	return new Promise((free) => {
		const server = createServer();
		server.once("error", () => free(false));
		server.listen(port, address, () => server.close(() => free(true)));
	});
}

/** For a person: stdout is left to the Workers' JSON lines. */
export const say = (text: string) => process.stderr.write(`${text}\n`);
