import type { Context } from "hono";
import { readForm } from "../../shared/http/form.ts";
import { notFound as problemNotFound, onError as problemOnError } from "../../shared/http/problem.ts";
import { Form } from "../../shared/ui/form.tsx";
import { ButtonLink } from "../../shared/ui/text.tsx";
import type { App } from "./context.ts";
import { doneAt, show } from "./show.tsx";

/** A browser that asks for a page gets one; the API, and whoever does not want HTML, gets problem+json. */
function wantsPage(c: Context<App>): boolean {
	const accepts = (c.req.header("accept") ?? "").includes("text/html");
	return accepts && !/^\/(api|healthz)(\/|$)/i.test(c.req.path);
}

/** What to do, by status. */
const pages = {
	401: [
		"You are signed out",
		"What you sent has not been carried out yet. Sign in, then come back to this page and send it again.",
	],
	404: ["There is nothing here", "The address may be mistyped, or what was here is gone."],
	403: ["This was not sent from our pages", "Open the page again and repeat what you did."],
	413: ["That was too much at once", "Go back and shorten your text."],
	422: ["This was not sent as expected", "Go back, load the page again and repeat what you did."],
	429: ["That was a little fast", "Wait a minute, then try again."],
	500: ["Something went wrong on our side", "We have been told. Try again in a moment: nothing will be done twice."],
	503: ["This is not available right now", "Wait a moment, then try again. Nothing that you saved is lost."],
} as const;
const isKnown = (status: number): status is keyof typeof pages => Object.hasOwn(pages, status);

export function notFound(c: Context<App>): Response | Promise<Response> {
	return wantsPage(c) ? errorPage(c, 404) : problemNotFound(c);
}

/** The one place where an error becomes an answer, a page for people and a problem for programs. */
export async function onError(error: Error, c: Context<App>): Promise<Response> {
	const answer = problemOnError(error, c); // logs what nobody expected
	if (!wantsPage(c)) return answer;
	if (answer.status === 401 && c.req.method !== "POST") return c.redirect(`/sign-in?next=${encodeURIComponent(c.req.path)}`, 303);
	return errorPage(c, isKnown(answer.status) ? answer.status : 422);
}

/** Where it is worth to send the same once more. */
const again: readonly number[] = [401, 429, 500, 503];

async function errorPage(c: Context<App>, status: keyof typeof pages) {
	const [title, advice] = pages[status];
	const isLost = c.req.method === "POST" && again.includes(status);
	const typed = isLost ? await readForm(c.req.raw).catch(() => undefined) : undefined;
	return show(
		c,
		{ title, status, bare: status === 401 || c.get("session") === undefined },
		<>
			<h1>{title}</h1>
			<p class="lead">{advice}</p>
			{status === 401 && (
				<p>
					<a
						class="button"
						href={`/sign-in?next=${encodeURIComponent(doneAt("/tickets", "signed-in"))}`}
						target="_blank"
						rel="noopener"
					>
						Sign in on a new page
					</a>
				</p>
			)}
			{typed ? (
				<Form action={c.req.path} form={{ values: typed }} hidden={Object.keys(typed)} submit="Send it again" />
			) : (
				<p>
					<ButtonLink href="/">To the home page</ButtonLink>
				</p>
			)}
			{status >= 500 && <p class="quiet small">If you write to us about it, mention: {c.get("ctx").correlationId}</p>}
		</>,
	);
}
