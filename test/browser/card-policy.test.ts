import { createHash } from "node:crypto";
import type { Page, Route } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test, vi } from "vitest";
import scripts from "../../shared/ui/scripts.json" with { type: "json" };
import type { Visit } from "./chromium.ts";
import { enterCard, heading, newAddress, newCardNumber, press, signIn } from "./person.ts";
import { openSite, type Site } from "./site.ts";

/** What the headers of the card page keep from happening: each is tried, and with the headers taken away it does happen. */

let site: Site;
let visit: Visit;
let page: Page;
/** The card page as the stack has answered with it, once. */
let answered: { readonly headers: Readonly<Record<string, string>>; readonly body: string };
/** What has come to somebody else's server: requests that the browser let go. */
const reached: string[] = [];

const elsewhere = "http://elsewhere.example";
const mark = `document.documentElement.dataset.broken = "yes"`;
const marked = () => page.evaluate("document.documentElement.dataset.broken");
const integrity = `sha384-${createHash("sha384").update(mark).digest("base64")}`;
const [card] = scripts.filter(({ pages }) => pages.includes("/cards/new"));
const cardPage = "**/cards/new";

beforeAll(async () => {
	site = await openSite(inject("stack"));
	visit = await site.open();
	page = visit.page;
	await page.goto("/sign-in?next=/cards");
	await signIn(site, visit, newAddress());
	const response = await page.goto("/cards/new");
	if (!response) throw new Error("there is no card page");
	answered = { headers: response.headers(), body: await response.text() };
	page.on("websocket", (socket) => reached.push(socket.url()));
});
afterAll(() => site.close());
beforeEach(async () => {
	await page.unrouteAll({ behavior: "ignoreErrors" });
	reached.length = 0;
	// plays the script of somebody else, allowed for everybody, as each of ours that is not the card's
	const play = (route: Route) => {
		const url = route.request().url();
		if (url.startsWith(elsewhere)) reached.push(url);
		const [contentType, body] = url.endsWith(".css")
			? ["text/css", ""]
			: [url.includes(".js") ? "text/javascript" : "text/html", mark];
		return route.fulfill({ headers: { "access-control-allow-origin": "*" }, contentType, body });
	};
	await page.route(`${elsewhere}/**`, play);
	await page.route("**/assets/other.js", play);
	await page.route("**/assets/card.*.js?other", play);
});

/** Serves the card page with more HTML in it than we have written, or without what protects it. */
async function serve({ html = "", bare = false, change = (policy: string) => policy } = {}): Promise<void> {
	const { "content-security-policy": policy = "", ...headers } = answered.headers;
	const { "integrity-policy": _, "x-frame-options": __, ...others } = headers;
	const body = answered.body.replace("</main>", () => `${html}</main>`);
	const served = bare ? others : { ...headers, "content-security-policy": change(policy) };
	await page.route(cardPage, (route) => route.fulfill({ headers: served, body }));
}

/** What went wrong in the browser since this was called. */
function sinceNow(): () => string[] {
	const known = visit.troubles.length;
	return () => visit.troubles.slice(known);
}

interface Attack {
	readonly what: string;
	/** Put into the page on its way, as if the server had been made to write it: the parser runs it under the page's policy. */
	readonly html?: string;
	/** Whether somebody has to click on it. */
	readonly clicked?: boolean;
	/** Run by the page: what the debugger evaluates itself may evaluate more than the page may, so it only sets a timer. */
	readonly code?: string;
	/** What the browser calls it. */
	readonly refused: string;
}

const policyOn = (directive: string) => `ContentSecurityPolicyIssue: ${directive}`;
const script = policyOn("script-src-elem");
const connect = policyOn("connect-src");
const trusted = policyOn("require-trusted-types-for");

const attacks: readonly Attack[] = [
	{ what: "a script in the page", html: `<script>${mark}</script>`, refused: script },
	{ what: "a handler in the page", html: `<svg onload='${mark}'></svg>`, refused: policyOn("script-src-attr") },
	{ what: "a javascript: link", html: `<a id="bait" href='javascript:void(${mark})'>x</a>`, clicked: true, refused: script },
	{
		what: "a script from another path of ours",
		html: `<script src="/assets/other.js" integrity="${integrity}" crossorigin="anonymous"></script>`,
		refused: `${script} `,
	},
	{
		what: "a script from another origin",
		html: `<script src="${elsewhere}/x.js" integrity="${integrity}" crossorigin="anonymous"></script>`,
		refused: `${script} ${elsewhere}`,
	},
	// a policy looks at no query, so that this address is allowed
	{ what: "a script without integrity", html: `<script src="${card?.path}?other"></script>`, refused: `?other integrity` },
	{ what: "an image from elsewhere", html: `<img src="${elsewhere}/x.png">`, refused: policyOn("img-src") },
	{
		what: "a style sheet from elsewhere",
		html: `<link rel="stylesheet" href="${elsewhere}/x.css">`,
		refused: policyOn("style-src-elem"),
	},
	{
		what: "styles in the page",
		html: `<style>:root { background: url(${elsewhere}) }</style>`,
		refused: policyOn("style-src-elem"),
	},
	{ what: "a frame of elsewhere", html: `<iframe src="${elsewhere}/frame"></iframe>`, refused: policyOn("frame-src") },
	{ what: "an object", html: `<object data="${elsewhere}/object"></object>`, refused: policyOn("object-src") },
	{ what: "a prefetch", html: `<link rel="prefetch" href="${elsewhere}/prefetch">`, refused: policyOn("default-src") },
	{ what: "another base", html: `<base href="${elsewhere}/"><img src="/favicon.ico">`, refused: policyOn("base-uri") },
	{ what: "a ping", html: `<a id="bait" href="#" ping="${elsewhere}/ping">x</a>`, clicked: true, refused: connect },
	{
		what: "a form to elsewhere",
		html: `<form action="${elsewhere}/form"><button id="bait">x</button></form>`,
		clicked: true,
		refused: policyOn("form-action"),
	},
	{
		what: "a form to ourselves",
		html: `<form action="/assets/other.js"><button id="bait">x</button></form>`,
		clicked: true,
		refused: policyOn("form-action"),
	},
	{ what: "eval", code: `eval(${JSON.stringify(mark)})`, refused: trusted },
	{ what: "new Function", code: `new Function(${JSON.stringify(mark)})()`, refused: trusted },
	{ what: "a timer of text", code: `setTimeout(${JSON.stringify(mark)})`, refused: trusted },
	{ what: "HTML out of text", code: `document.querySelector("h1").innerHTML = "<b>x</b>"; ${mark}`, refused: trusted },
	{
		what: "the address of a script out of text",
		code: `document.createElement("script").src = "/x.js"; ${mark}`,
		refused: trusted,
	},
	{ what: "a policy for trusted types", code: `trustedTypes.createPolicy("x", {}); ${mark}`, refused: policyOn("trusted-types") },
	{ what: "fetch from elsewhere", code: `fetch("${elsewhere}/fetch")`, refused: connect },
	{ what: "fetch of another operation of ours", code: `fetch("/api/v1/profile").then(() => { ${mark} })`, refused: connect },
	{ what: "a beacon", code: `navigator.sendBeacon("${elsewhere}/beacon", "x")`, refused: connect },
	{ what: "a web socket", code: `new WebSocket("ws://elsewhere.example/socket")`, refused: connect },
	{ what: "a stream of events", code: `new EventSource("${elsewhere}/events")`, refused: connect },
	{ what: "an image by script", code: `new Image().src = "${elsewhere}/image"`, refused: policyOn("img-src") },
	{ what: "a worker", code: `new Worker(URL.createObjectURL(new Blob(["fetch('${elsewhere}/worker')"])))`, refused: trusted },
];

async function attack({ html, clicked, code }: Attack): Promise<void> {
	await page.goto("/cards/new");
	if (clicked) await page.locator("#bait").dispatchEvent("click");
	if (code) await page.evaluate(`void setTimeout(() => { ${code} })`);
	if (html === undefined && code === undefined) throw new Error("nothing is tried");
}

describe.each(attacks)("on the card page, $what", (tried) => {
	test("is refused", async () => {
		await serve(tried);
		const troubles = sinceNow();

		await attack(tried);

		await vi.waitFor(() => expect(troubles()).toContainEqual(expect.stringContaining(tried.refused)));
		expect(reached).toEqual([]);
		expect(await marked()).toBeUndefined();
		expect(new URL(page.url()).pathname).toBe("/cards/new");
	});

	test("would do something if the headers were not there", async () => {
		await serve({ ...tried, bare: true });

		await attack(tried);

		await vi.waitFor(async () => {
			const left = !page.url().includes("/cards/new");
			expect(reached.length > 0 || left || (await marked()) === "yes").toBe(true);
		});
	});
});

describe("the card page's own script", () => {
	/** Serves another script in its place. */
	const replace = () =>
		page.route("**/assets/card.*.js", async (route) => {
			const response = await route.fetch();
			await route.fulfill({ response, body: `${await response.text()};${mark}` });
		});

	test("is not run with a statement more, and the page says that nothing can be sent", async () => {
		await replace();
		const troubles = sinceNow();

		await page.goto("/cards/new");

		await vi.waitFor(() => expect(troubles()).toContainEqual(expect.stringMatching(/valid digest/)));
		expect(await marked()).toBeUndefined();
		await heading(visit, "This page needs JavaScript");
		expect(await page.getByLabel("Card number").isVisible()).toBe(false);
	});

	test("would be run if the page did not say what it is", async () => {
		await replace();
		const { "integrity-policy": _, ...headers } = answered.headers;
		const body = answered.body.replaceAll(/ integrity="[^"]+"/g, "");
		await page.route(cardPage, (route) => route.fulfill({ headers, body }));

		await page.goto("/cards/new");

		await vi.waitFor(async () => expect(await marked()).toBe("yes"));
	});

	test("is all that talks while a card is entered, and talks to us alone", async () => {
		const asked: string[] = [];
		const note = (request: { method(): string; url(): string }) => void asked.push(`${request.method()} ${request.url()}`);
		page.on("request", note);
		await page.goto("/cards/new");
		await enterCard(visit, newCardNumber());
		await press(visit, "Add card");
		await page.waitForURL("**/cards?done=*");
		page.off("request", note);

		const known = /^GET .*\/assets\/(styles|favicon)\.\w+\.(css|svg)$/;
		const [first, ...others] = asked.filter((request) => !known.test(request));
		expect(first).toBe(`GET ${site.origin}/cards/new`);
		expect(others).toEqual([
			`GET ${site.origin}${card?.path}`,
			`POST ${site.origin}/api/v1/cards/intents`,
			`POST ${site.origin}/api/v1/cards`,
			`GET ${site.origin}/cards?done=card-submitted`,
		]);
		expect(asked.filter((request) => !request.split(" ")[1]?.startsWith(`${site.origin}/`))).toEqual([]);
	});
});

describe("a page with the card page in a frame", () => {
	const framed = async () => {
		await page.route("**/framing", (route) =>
			route.fulfill({ contentType: "text/html", body: `<title>Framing</title><iframe src="/cards/new"></iframe>` }),
		);
		await page.goto("/framing");
		return page.frameLocator("iframe").getByRole("heading", { name: "Add a card" });
	};

	test("does not see it, although it is of our own origin and its reader is signed in", async () => {
		const troubles = sinceNow();
		const shown = await framed();
		await vi.waitFor(() => expect(troubles()).toContainEqual(expect.stringContaining("frame-ancestors")));
		expect(await shown.count()).toBe(0);
		expect(page.frames()[1]?.url()).toMatch(/^chrome-error:/);
	});

	test("would see it if the headers were not there", async () => {
		await serve({ bare: true });
		await (await framed()).waitFor();
	});
});

test.each([
	{ what: "a script in the page", html: `<script>${mark}</script>`, directive: "script-src-elem" },
	{ what: "text in place of HTML", code: `document.body.innerHTML = "x"`, directive: "require-trusted-types-for" },
	{ what: "another address", code: `fetch("/api/v1/profile")`, directive: "connect-src" },
])("the browser reports $what to us", async ({ directive, ...tried }) => {
	// over plain HTTP, which the local stack speaks, Chromium sends nothing by `report-to`: so as browsers do that have only `report-uri`
	await serve({ ...tried, change: (policy) => policy.replace(/; report-to \w+/, "") });
	const reported = page.waitForResponse("**/api/reports/csp");

	await attack({ ...tried, what: "", refused: "" });

	const answer = await reported;
	expect(answer.status()).toBe(204);
	expect(answer.request().postDataJSON()).toMatchObject({ "csp-report": { "effective-directive": directive } });
});
