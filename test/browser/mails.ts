import { expect, vi } from "vitest";
import type { Message } from "../mailbox.ts";
import type { Site } from "./site.ts";

/** The last message of this subject, as soon as there are so many: no more and no less. */
export const told = (site: Site, recipient: string, subject: string | RegExp, times = 1): Promise<Message> =>
	vi.waitFor(
		async () => {
			const isMeant = (one: string) => (typeof subject === "string" ? one === subject : subject.test(one));
			const messages = (await site.messagesTo(recipient)).filter((message) => isMeant(message.subject));
			expect(messages).toHaveLength(times);
			return messages.at(-1) as Message; // there is one
		},
		{ timeout: 15_000, interval: 300 },
	);

/** The only link of a message that leads below this path. */
export function linkTo(site: Site, path: string, { text }: Message): string {
	const links = text.match(/http:\S+/g)?.filter((link) => link.startsWith(`${site.origin}${path}`));
	expect(links).toHaveLength(1);
	return links?.[0] ?? "";
}
