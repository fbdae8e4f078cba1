import type { Context } from "hono";
import { notFound as problemNotFound, onError as problemOnError } from "../../shared/http/problem.ts";
import { ButtonLink } from "../../shared/ui/text.tsx";
import type { App } from "./context.ts";
import { show } from "./show.tsx";

/** A browser that asks for a page gets one; the API, and whoever does not want HTML, gets problem+json. */
function wantsPage(c: Context<App>): boolean {
	const accepts = (c.req.header("accept") ?? "").includes("text/html");
	return accepts && !/^\/(api|healthz)(\/|$)/i.test(c.req.path);
}

/** What to do, by status. */
const pages = {
	404: ["There is nothing here", "The address may be mistyped, or what was here is gone."],
	403: ["This was not sent from our pages", "Open the page again and repeat what you did."],
	413: ["That was too much at once", "Go back and shorten your text."],
	422: ["This was not sent as expected", "Go back, load the page again and repeat what you did."],
	429: ["That was a little fast", "Wait a minute, then go back and try again."],
	500: ["Something went wrong on our side", "We have been told. Go back and try again: nothing will be done twice."],
	503: ["This is not available right now", "Wait a moment, then load the page again. Nothing that you saved is lost."],
} as const;
const isKnown = (status: number): status is keyof typeof pages => Object.hasOwn(pages, status);

export function notFound(c: Context<App>): Response | Promise<Response> {
	return wantsPage(c) ? errorPage(c, 404) : problemNotFound(c);
}

/** The one place where an error becomes an answer, a page for people and a problem for programs. */
export async function onError(error: Error, c: Context<App>): Promise<Response> {
	const answer = problemOnError(error, c); // logs what nobody expected
	if (!wantsPage(c)) return answer;
	if (answer.status === 401)
		return c.redirect(`/sign-in?next=${encodeURIComponent(c.req.method === "GET" ? c.req.path : "/")}`, 303);
	return errorPage(c, isKnown(answer.status) ? answer.status : 422);
}

function errorPage(c: Context<App>, status: keyof typeof pages) {
	const [title, advice] = pages[status];
	return show(
		c,
		{ title, status, bare: c.get("session") === undefined },
		<>
			<h1>{title}</h1>
			<p class="lead">{advice}</p>
			<p>
				<ButtonLink href="/">To the home page</ButtonLink>
			</p>
			{status >= 500 && <p class="quiet small">If you write to us about it, mention: {c.get("ctx").correlationId}</p>}
		</>,
	);
}
