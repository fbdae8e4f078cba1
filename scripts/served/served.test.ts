import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cardHeaders, everyHeaders } from "../../shared/http/security-headers.ts";
import { assets } from "../../workers/customer/assets.ts";
import { root } from "../run.ts";
import { differencesServed, fetchServed } from "./served.ts";

const { path, integrity } = assets.card;
const tag = `<script type="module" src="${path}" integrity="${integrity}" crossorigin="anonymous">`;
const release = readFileSync(join(root, "workers/customer/public", path), "utf8");
const secret = "2zqDeOh7qDdL5SfcKczcRCpZTq6KLp5U";

interface Change {
	status?: number;
	headers?: OutgoingHttpHeaders;
	html?: string;
	script?: string;
	scriptStatus?: number;
}

/** What is told of a site that serves the release but for this change, and what it was asked. */
async function look(change: Change = {}, cookie = secret) {
	const asked = new Map<string | undefined, IncomingHttpHeaders>();
	const server = createServer((request, response) => {
		asked.set(request.url, request.headers);
		if (request.url === path) {
			response.writeHead(change.scriptStatus ?? 200).end(change.script ?? release);
			return;
		}
		response.writeHead(change.status ?? 200, { ...everyHeaders, ...cardHeaders(origin, path), ...change.headers });
		response.end(change.html ?? `<html><head>${tag}</script></head></html>`);
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a server that listens at a port
	try {
		return { differences: differencesServed(await fetchServed(origin, cookie), origin), asked };
	} finally {
		server.close();
	}
}

test("what is served as it was released differs in nothing", async () => {
	const { differences, asked } = await look();

	expect(differences).toEqual([]);
	expect(asked.get("/cards/new")?.cookie).toBe(`__Host-refresh=${secret}`);
	expect(asked.get(path)?.cookie).toBeUndefined();
});

test("a token is sent as the cookie that it belongs into", async () => {
	expect((await look({}, "a.b.c")).asked.get("/cards/new")?.cookie).toBe("__Host-session=a.b.c");
});

test.each([
	...Object.keys({ ...everyHeaders, ...cardHeaders("", "") }).map(
		(name) => [`the header ${name}`, { headers: { [name]: "x" } }, `/cards/new: ${name}: x`] as const,
	),
	["a policy with one more host", { headers: { "content-security-policy": "script-src *" } }, "content-security-policy"],
	[
		"another script beside ours",
		{ html: `${tag}</script><script src="https://evil.test/x.js"></script>` },
		"does not belong there",
	],
	["our script without its hash", { html: `<script type="module" src="${path}"></script>` }, "not exactly once"],
	["our script twice", { html: `${tag}</script>${tag}</script>` }, "not exactly once"],
	["a script in the text", { html: `${tag}</script><script>alert(1)</script>` }, "in the text of the page"],
	["a script in an attribute", { html: `${tag}</script><img onerror="alert(1)">` }, "in an attribute"],
	["another script at our path", { script: `${release} ` }, "sha384-"],
	["no script at our path", { scriptStatus: 404 }, "status 404"],
	["a page that is not there", { status: 303 }, "Is the session good?"],
	["a page that asks to sign in again", { html: "<h1>One step before</h1>" }, "Sign in again"],
] as const satisfies (readonly [string, Change, string])[])("%s is told", async (_, change, words) => {
	const { differences } = await look(change);

	expect(differences.join("\n")).toContain(words);
});
