import { createHash } from "node:crypto";
import { cardHeaders, everyHeaders } from "../../shared/http/security-headers.ts";
import { assets } from "../../workers/customer/assets.ts";

const path = "/cards/new";

/** An answer, as far as it is compared. */
export interface Served {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
}

export interface ServedCardPage {
	readonly page: Served;
	/** The script of this release, at its path. */
	readonly script: Served;
}

/** Asks for the card page and its script as a browser does. `cookie` is the value of one of the two cookies of a session. */
export async function fetchServed(origin: string, cookie: string): Promise<ServedCardPage> {
	const name = cookie.split(".").length === 3 ? "__Host-session" : "__Host-refresh"; // only a token has dots
	const navigation = { "sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
	const page = await get(origin + path, { ...navigation, accept: "text/html", cookie: `${name}=${cookie}` });
	const script = await get(origin + assets.card.path, {
		"sec-fetch-site": "same-origin",
		"sec-fetch-mode": "cors",
		"sec-fetch-dest": "script",
		origin,
	});
	return { page, script };
}

async function get(url: string, headers: Record<string, string>): Promise<Served> {
	const response = await fetch(url, { headers, redirect: "manual" });
	return { status: response.status, headers: response.headers, text: await response.text() };
}

/** In words, how what is served differs from this release; nothing when it is the same. */
export function differencesServed({ page, script }: ServedCardPage, origin: string): string[] {
	if (page.status !== 200) return [`${path}: status ${page.status}, not 200. Is the session good?`];
	const { path: src, integrity } = assets.card;
	const tag = `<script type="module" src="${src}" integrity="${integrity}" crossorigin="anonymous">`;
	const tags = page.text.match(/<script\b[^>]*>/gi) ?? [];
	if (tags.length === 0) return [`${path}: no script. Sign in again: the page takes a session of the last 15 minutes only`];
	return [
		...differingHeaders(page.headers, { ...everyHeaders, ...cardHeaders(origin, src) }),
		...tags.filter((one) => one !== tag).map((one) => `${path}: a script that does not belong there: ${one}`),
		...(tags.filter((one) => one === tag).length === 1 ? [] : [`${path}: not exactly once ${tag}`]),
		...(/<script\b[^>]*>[^<]/i.test(page.text) ? [`${path}: a script in the text of the page`] : []),
		...(/ on[a-z]+\s*=\s*["']|javascript:/i.test(page.text) ? [`${path}: a script in an attribute`] : []),
		...(script.status === 200 ? [] : [`${src}: status ${script.status}, not 200`]),
		...(hashOf(script.text) === integrity ? [] : [`${src}: ${hashOf(script.text)}, not ${integrity}`]),
	];
}

function differingHeaders(served: Headers, wanted: Readonly<Record<string, string>>): string[] {
	return Object.entries(wanted)
		.filter(([name, value]) => served.get(name) !== value)
		.map(([name, value]) => `${path}: ${name}: ${served.get(name) ?? "not there"}\n  not ${value}`);
}

const hashOf = (text: string) => `sha384-${createHash("sha384").update(text).digest("base64")}`;
