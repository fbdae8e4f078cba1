import { html } from "hono/html";

/** An e-mail or text message as the mailbox shows it. */
export interface Mail {
	readonly id: string;
	readonly channel: "email" | "sms";
	readonly to: readonly string[];
	readonly from: string;
	readonly subject: string;
	readonly text: string;
	/** What the mail says of itself: only ever shown where no script runs. */
	readonly html: string;
	/** When it was sent: an ISO 8601 instant. */
	readonly at: string;
}

const style = `
	:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
	body { margin: 0 auto; max-width: 46rem; padding: 1rem; }
	article { border-top: 1px solid GrayText; padding-block: 1rem; }
	h1 { font-size: 1.5rem; } h2 { font-size: 1.125rem; margin: 0 0 0.25rem; } p + h2 { margin-top: 2rem; }
	p { margin: 0.25rem 0; overflow-wrap: anywhere; }
	.text { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0.75rem 0 0; font: inherit; }
	form { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: end; margin-block: 1rem; }
	label { display: block; } input, button { font: inherit; min-height: 2.75rem; padding: 0 0.75rem; }
	iframe { width: 100%; min-height: 28rem; border: 1px solid GrayText; background: white; }
	table { border-collapse: collapse; width: 100%; } table + h2 { margin-top: 2rem; }
	th, td { text-align: start; vertical-align: top; padding: 0.5rem; border-top: 1px solid GrayText; }
	.id { overflow-wrap: anywhere; min-width: 9rem; } td:first-child { min-width: 7rem; }
	@media (max-width: 40rem) {
		thead { display: none; } table, tbody, tr, td { display: block; }
		tr { border-top: 1px solid GrayText; padding-block: 0.5rem; } td { border: 0; padding: 0.125rem 0; }
	}
	a { color: inherit; display: inline-block; padding-block: 0.5rem; }
`;

/** The page of all; `to` is the filter that was asked for, or empty. */
export function mailsPage(mails: readonly Mail[], to: string): Promise<string> {
	const nothing = to === "" ? "Nothing has been sent since the stack was started." : `Nothing has been sent to ${to}.`;
	return layout(
		"Mailbox of the local stack",
		html`<h1>Mailbox of the local stack</h1>
<p>What the Workers have sent, the newest first: e-mails, and text messages to the sandbox of this stack. Nothing of it leaves this machine.</p>
<form action="/__dev/mail"><div><label for="to">Sent to</label><input id="to" name="to" value="${to}" autocomplete="off"></div><button>Show</button></form>
${mails.length === 0 ? html`<p>${nothing}</p>` : mails.map((mail) => article(mail))}`,
	);
}

/** The page of one, with its HTML as it would look to who got it. */
export function mailPage(mail: Mail): Promise<string> {
	return layout(
		mail.subject,
		html`<p><a href="/__dev/mail">All messages</a></p><h1>${mail.subject}</h1>${about(mail)}
<h2>Text</h2><p class="text">${mail.text}</p>
${mail.html === "" ? "" : html`<h2>HTML</h2><iframe title="The HTML of this e-mail" sandbox="" srcdoc="${mail.html}"></iframe>`}`,
	);
}

const article = (mail: Mail) => html`<article>
<h2><a href="/__dev/mail/${encodeURIComponent(mail.id)}">${mail.subject}</a></h2>${about(mail)}
<p class="text">${mail.text}</p>
</article>`;

const about = ({ to, from, at }: Mail) =>
	html`<p>To ${to.join(", ")}, from ${from}, <time datetime="${at}">${at.replace("T", " ").replace(/\..*/, " UTC")}</time></p>`;

/** A whole page of what only development has. */
export const layout = async (title: string, main: ReturnType<typeof html>) =>
	String(
		await html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
<link rel="icon" href="data:,"><style>${style}</style></head>
<body><main>${main}</main></body>
</html>`,
	);
