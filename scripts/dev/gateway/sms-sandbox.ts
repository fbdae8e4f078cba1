import * as v from "valibot";
import type { Mail } from "./mail-pages.ts";

const TextMessage = v.object({ to: v.pipe(v.string(), v.regex(/^\+?\d{3,20}$/)), text: v.pipe(v.string(), v.minLength(1)) });

/** So many are kept. */
const most = 100;

/** Stands in for a provider of text messages, as long as the stack runs. No phone rings. */
export class SmsSandbox {
	/** What it took, the newest first. */
	readonly taken: Mail[] = [];

	/** `POST /__dev/sms`: 202, also for an Idempotency-Key that it has seen, whose message it keeps once. */
	async take(request: Request, token: string, now = Date.now()): Promise<Response> {
		if (request.method !== "POST") return answer(405, "POST sends a text message.", { allow: "POST" });
		if (token === "" || request.headers.get("authorization") !== `Bearer ${token}`) return answer(401, "That is not SMS_TOKEN.");
		const id = request.headers.get("idempotency-key") ?? "";
		if (id === "") return answer(400, "An Idempotency-Key names the message.");
		const body = v.safeParse(TextMessage, await request.json().catch(() => undefined));
		if (!body.success) return answer(422, "The body is {to, text}, and to is a phone number.");
		if (!this.taken.some((message) => message.id === id)) {
			const { to, text } = body.output;
			const said = { id, channel: "sms", to: [to], from: "the sandbox", subject: "Text message", text, html: "" } as const;
			this.taken.unshift({ ...said, at: new Date(now).toISOString() });
			this.taken.splice(most);
		}
		return answer(202, "Kept in the sandbox; the mailbox shows it.");
	}
}

const answer = (status: number, text: string, headers: Record<string, string> = {}) =>
	new Response(`${text}\n`, { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers } });
