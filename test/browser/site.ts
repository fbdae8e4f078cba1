import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, type Stack, spawnStack, stackAt } from "../../scripts/dev/spawn.ts";
import { codeFor, type Message, messagesTo } from "../mailbox.ts";
import { type Staff, staffOf } from "../staff.ts";
import { type Looks, launch, type Visit, visit } from "./chromium.ts";

/** The local stack, and a browser before it. */
export interface Site {
	/** `localhost`, where passkeys are good. */
	readonly origin: string;
	readonly stack: Stack;
	readonly staff: Staff;
	/** Another person's browser: nothing is shared with the others. */
	open(looks?: Looks): Promise<Visit>;
	/** The code that was last mailed to an address, after `since`; waits for it up to 10 seconds. */
	codeFor(email: string, since?: number): Promise<string>;
	/** What was sent to an address or phone number, the oldest first. */
	messagesTo(recipient: string): Promise<Message[]>;
	/** Ends the browser. */
	close(): Promise<void>;
}

/** Where a running stack is, in data that can be handed from process to process. */
export interface Address {
	readonly home: string;
	readonly port: number;
}

/** Starts a stack with data of its own; about six seconds. */
export async function startStack(): Promise<{ address: Address; end(): Promise<void> }> {
	const address = { home: mkdtempSync(join(tmpdir(), "site-")), port: await freePort() };
	const stack = spawnStack(address);
	const end = async () => {
		stack.kill();
		await stack.ended;
		rmSync(address.home, { recursive: true, force: true });
	};
	try {
		await stack.ready;
	} catch (error) {
		await end();
		throw error;
	}
	return { address, end };
}

/** Starts a browser before a stack. */
export async function openSite(address: Address): Promise<Site> {
	const browser = await launch();
	const stack = stackAt(address);
	const origin = `http://localhost:${stack.port}`;
	return {
		origin,
		stack,
		staff: staffOf(stack),
		open: (looks) => visit(browser, origin, looks),
		codeFor: (email, since) => codeFor(stack, email, since),
		messagesTo: (recipient) => messagesTo(stack, recipient),
		close: () => browser.close(),
	};
}
