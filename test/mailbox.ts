import * as v from "valibot";
import type { Stack } from "../scripts/dev/spawn.ts";

const Message = v.object({ id: v.string(), channel: v.string(), subject: v.string(), text: v.string(), at: v.string() });
export type Message = v.InferOutput<typeof Message>;
const Mailbox = v.object({ items: v.array(Message) });

/** Eight characters of Crockford's alphabet alone in their line, or in two halves. */
const code = /^\s*([0-9A-HJKMNP-TV-Z]{4})[ -]?([0-9A-HJKMNP-TV-Z]{4})\s*$/m;

/** What was sent to an address or phone number, the oldest first. */
export async function messagesTo(stack: Stack, recipient: string): Promise<Message[]> {
	const path = `/__dev/mail?${new URLSearchParams({ to: recipient })}`;
	const response = await stack.request("", path, { headers: { accept: "application/json" } });
	return v.parse(Mailbox, await response.json()).items.reverse();
}

/** The code that was last mailed to an address, after `since` (milliseconds since 1970); waits for it up to 10 seconds. */
export async function codeFor(stack: Stack, email: string, since = 0): Promise<string> {
	for (const until = Date.now() + 10_000; Date.now() < until; await new Promise((resolve) => setTimeout(resolve, 100))) {
		const messages = await messagesTo(stack, email);
		const sent = messages.filter(({ at }) => Date.parse(at) >= since);
		const last = sent.flatMap(({ text }) => [code.exec(text) ?? []]).findLast((halves) => halves.length > 0);
		if (last) return `${last[1]}${last[2]}`;
	}
	throw new Error(`no code was mailed to ${email}`);
}
