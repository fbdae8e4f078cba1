import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, type SpawnedStack, spawnStack } from "../../scripts/dev/spawn.ts";
import { codeFor } from "../mailbox.ts";
import { type Looks, launch, type Visit, visit } from "./chromium.ts";

/** The local stack with data of its own, and a browser before it. */
export interface Site {
	/** `localhost`, where passkeys are good. */
	readonly origin: string;
	readonly stack: SpawnedStack;
	/** Another person's browser: nothing is shared with the others. */
	open(looks?: Looks): Promise<Visit>;
	/** The code that was last mailed to an address, after `since`; waits for it up to 10 seconds. */
	codeFor(email: string, since?: number): Promise<string>;
	close(): Promise<void>;
}

/** Starts both; about six seconds. */
export async function openSite(): Promise<Site> {
	const browser = await launch();
	const home = mkdtempSync(join(tmpdir(), "site-"));
	const stack = spawnStack({ home, port: await freePort() });
	const close = async () => {
		await browser.close();
		stack.kill();
		await stack.ended;
		rmSync(home, { recursive: true, force: true });
	};
	try {
		await stack.ready;
	} catch (error) {
		await close();
		throw error;
	}
	const origin = `http://localhost:${stack.port}`;
	return {
		origin,
		stack,
		open: (looks) => visit(browser, origin, looks),
		codeFor: (email, since) => codeFor(stack, email, since),
		close,
	};
}
