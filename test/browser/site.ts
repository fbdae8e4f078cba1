import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { freePort, type SpawnedStack, spawnStack } from "../../scripts/dev/spawn.ts";
import { offerContract } from "../offer-contract.ts";
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

const Mails = v.object({ items: v.array(v.object({ text: v.string(), at: v.string() })) });

/** Eight characters of Crockford's alphabet alone in their line, or in two halves. */
const code = /^\s*([0-9A-HJKMNP-TV-Z]{4})[ -]?([0-9A-HJKMNP-TV-Z]{4})\s*$/m;

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
		await offerContract(stack);
	} catch (error) {
		await close();
		throw error;
	}
	const origin = `http://localhost:${stack.port}`;
	return {
		origin,
		stack,
		open: (looks) => visit(browser, origin, looks),
		async codeFor(email, since = 0) {
			const path = `/__dev/mail?${new URLSearchParams({ to: email })}`;
			for (const until = Date.now() + 10_000; Date.now() < until; await new Promise((resolve) => setTimeout(resolve, 100))) {
				const response = await stack.request("", path, { headers: { accept: "application/json" } });
				const { items } = v.parse(Mails, await response.json());
				const found = items.filter(({ at }) => Date.parse(at) >= since).map(({ text }) => code.exec(text));
				if (found[0]) return `${found[0][1]}${found[0][2]}`;
			}
			throw new Error(`no code was mailed to ${email}`);
		},
		close,
	};
}
