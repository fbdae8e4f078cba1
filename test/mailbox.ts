import * as v from "valibot";
import type { Stack } from "../scripts/dev/spawn.ts";

const Mails = v.object({ items: v.array(v.object({ text: v.string(), at: v.string() })) });

/** Eight characters of Crockford's alphabet alone in their line, or in two halves. */
const code = /^\s*([0-9A-HJKMNP-TV-Z]{4})[ -]?([0-9A-HJKMNP-TV-Z]{4})\s*$/m;

/** The code that was last mailed to an address, after `since` (milliseconds since 1970); waits for it up to 10 seconds. */
export async function codeFor(stack: Stack, email: string, since = 0): Promise<string> {
	const path = `/__dev/mail?${new URLSearchParams({ to: email })}`;
	for (const until = Date.now() + 10_000; Date.now() < until; await new Promise((resolve) => setTimeout(resolve, 100))) {
		const response = await stack.request("", path, { headers: { accept: "application/json" } });
		const { items } = v.parse(Mails, await response.json());
		const found = items.filter(({ at }) => Date.parse(at) >= since).map(({ text }) => code.exec(text));
		if (found[0]) return `${found[0][1]}${found[0][2]}`;
	}
	throw new Error(`no code was mailed to ${email}`);
}
