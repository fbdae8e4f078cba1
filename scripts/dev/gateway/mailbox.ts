import * as v from "valibot";
import { type Mail, mailPage, mailsPage } from "./mail-pages.ts";

/**
 * What the simulator keeps of each e-mail that a `send_email` binding took, as long as the stack runs
 * (`GET /cdn-cgi/local/explorer/api`, email-list-sending). Its files on the disk name neither recipient nor subject.
 */
const Kept = v.object({
	messageId: v.string(),
	from: v.string(),
	to: v.array(v.string()),
	subject: v.string(),
	sentAt: v.string(),
	text: v.optional(v.string(), ""),
	html: v.optional(v.string(), ""),
});

/** Asks wrangler's own server for a path. */
export type Simulator = (path: string) => Promise<Response>;

/** How many e-mails the mailbox looks through, and how many it shows. */
const looked = 100;
const shown = 25;

/**
 * `GET /__dev/mail`, its `?to=` and `/__dev/mail/{id}`: the newest e-mails and `texts` that the local stack has sent, as a
 * page, or as JSON (`{items}`, or one message) for whom asks with `Accept: application/json`.
 */
export async function mailbox(request: Request, url: URL, simulator: Simulator, texts: readonly Mail[]): Promise<Response> {
	const asJson = request.headers.get("accept")?.includes("application/json") ?? false;
	const id = decodeURIComponent(url.pathname.slice("/__dev/mail/".length));
	if (id === "") {
		const to = url.searchParams.get("to")?.trim().toLowerCase() ?? "";
		const items = await newest(simulator, texts, to);
		return asJson ? Response.json({ items }) : page(await mailsPage(items, to));
	}
	const mail = texts.find((text) => text.id === id) ?? (await one(simulator, id));
	if (!mail) return new Response("There is no such message; they are kept until the stack stops.\n", { status: 404 });
	return asJson ? Response.json(mail) : page(await mailPage(mail));
}

/** Newest first. An empty `to` stands for everybody. */
async function newest(simulator: Simulator, texts: readonly Mail[], to: string): Promise<Mail[]> {
	const { result } = v.parse(v.object({ result: v.array(Kept) }), await (await ask(simulator, { per_page: `${looked}` })).json());
	const isWanted = (message: { readonly to: readonly string[] }) =>
		to === "" || message.to.some((address) => address.toLowerCase() === to);
	const wanted = result.filter(isWanted);
	const mails = await Promise.all(wanted.slice(0, shown).map(({ messageId }) => one(simulator, messageId)));
	const all = [...mails.filter((mail) => mail !== undefined), ...texts.filter(isWanted)];
	return all.sort((a, b) => b.at.localeCompare(a.at)).slice(0, shown);
}

async function one(simulator: Simulator, id: string): Promise<Mail | undefined> {
	const response = await ask(simulator, { email_id: id });
	if (response.status === 404) return undefined;
	const { result } = v.parse(v.object({ result: Kept }), await response.json());
	const { messageId, from, to, subject, sentAt, text, html } = result;
	return { id: messageId.replace(/^<|>$/g, ""), channel: "email", to, from, subject, text, html, at: sentAt };
}

const ask = (simulator: Simulator, query: Record<string, string>) =>
	simulator(`/cdn-cgi/local/explorer/api/local/email/sending?${new URLSearchParams(query)}`);

/**
 * No script and nothing from elsewhere, in the page and in the mails within, which inherit it; mails come with styles of
 * their own.
 */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'";

export const page = (body: string) =>
	new Response(body, {
		headers: {
			"content-type": "text/html; charset=utf-8",
			"content-security-policy": policy,
			"cache-control": "no-store",
			"x-content-type-options": "nosniff",
		},
	});
