import type { Context } from "hono";
import type { Child } from "hono/jsx";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Session } from "../../shared/crypto/session-token.ts";
import { cardHeaders, contentPolicies } from "../../shared/http/security-headers.ts";
import { Layout } from "../../shared/ui/layout.tsx";
import { Message } from "../../shared/ui/text.tsx";
import { assets } from "./assets.ts";
import type { App } from "./context.ts";

const links = {
	signedIn: [
		["Home", "/"],
		["Tickets", "/tickets"],
		["Plan", "/plan"],
		["Cards", "/cards"],
		["Invoices", "/invoices"],
		["Profile", "/profile"],
		["Account", "/account"],
	],
	signedOut: [
		["Contracts", "/contracts"],
		["Sign in", "/sign-in"],
	],
} as const;

/** What a page can be told by the one that led to it, as `?done=<name>`: a name out of this list, never a text. */
const done = {
	"ticket-submitted": "Your ticket is with us. You can follow it here.",
	"comment-added": "Your comment has been added.",
	"cancellation-requested": "We have asked our service team to cancel this ticket.",
	"reopening-requested": "We have told our service team that the problem is back.",
	"profile-saved": "Your profile is saved.",
	"plan-signed": "Your support plan is active. You can submit a ticket now.",
	"plan-changed": "Your plan will change with the next period.",
	"plan-ends": "Your plan is cancelled. It stays active until the end of the period.",
	"plan-kept": "Your plan goes on as it is.",
	"card-submitted": "Your card is with us, encrypted. We are checking it now.",
	"card-removed": "Your card is removed.",
	"signed-in": "You are signed in. Go back to the page that was waiting for it, and send it again.",
	"signed-out": "You are signed out.",
	"email-requested": "Your e-mail address will change once the waiting time is over.",
	"email-kept": "Your e-mail address stays as it is.",
	"passkey-added": "Your passkey is ready to use.",
	"passkey-removed": "The passkey is removed.",
	"sessions-ended": "Those sessions are ended.",
} as const;
export type Done = keyof typeof done;

/** Where to go after something has been done, with the message that says so. */
export const doneAt = (path: string, message: Done) => `${path}${path.includes("?") ? "&" : "?"}done=${message}`;

const isDone = (name: string): name is Done => Object.hasOwn(done, name);

interface Shown {
	readonly title: string;
	/** The path of the link in the head of the page under which it belongs. */
	readonly current?: string;
	/** The script of the page, if it has one: that of signing in, or that of entering a card, which lets the page send nothing else. */
	readonly script?: boolean | "card";
	readonly status?: ContentfulStatusCode;
	/** For a page that knows too little to lead on. */
	readonly bare?: boolean;
}

/** Answers with a page. */
export function show(c: Context<App>, { title, current, script = false, status = 200, bare = false }: Shown, content: Child) {
	const session: Session | undefined = bare ? undefined : c.get("session"); // a public page may have none
	const message = c.req.query("done") ?? "";
	const asset = script && (script === "card" ? assets.card : assets.script);
	for (const [name, value] of Object.entries(headersFor(c, script))) c.header(name, value);
	return c.html(
		<Layout
			title={title}
			assets={assets}
			script={asset || undefined}
			links={bare ? [] : session ? links.signedIn : links.signedOut}
			current={current}
			signedIn={session !== undefined}
			formless={script === "card"}
		>
			<div class="stack">
				{isDone(message) && status === 200 && <Message kind="success">{done[message]}</Message>}
				{content}
			</div>
		</Layout>,
		status,
	);
}

/** What is not as on every other page. */
function headersFor(c: Context<App>, script: Shown["script"]): Readonly<Record<string, string>> {
	if (!script) return {};
	if (script === "card") return cardHeaders(new URL(c.req.url).origin, assets.card.path);
	return { "content-security-policy": contentPolicies.script };
}
