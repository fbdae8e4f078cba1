import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { promisify } from "node:util";
import { compactDecrypt, importJWK } from "jose";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CardReason, cardLimits } from "../shared/cards.ts";
import { CardSubmitted } from "../shared/events/customer.ts";
import { cardKey, publicCardKey } from "../shared/testing/bindings.ts";

const page = readFileSync("docs/security/cards.md", "utf8");
/** The program that the document gives to clients of their own. */
const [, program = ""] = /```js\n(.*?)```/s.exec(page) ?? [];

/** As the API gives one: docs/security/cards.md. */
const intent = {
	cardId: "crd_001g2xbhk9yfv2dw49c1tg86vajh",
	nonce: "AAECAwQFBgcICQoLDA0ODw",
	expiresAt: new Date(Math.floor(Date.now() / 1000) * 1000 + 600_000).toISOString(),
	customerId: "cus_000aaaaaaaaaaaaaaaaaaaaaaaaa",
	key: publicCardKey,
};

/** What the program asked, in order. */
let asked: { url: string | undefined; authorization: string | undefined; body: unknown }[];
let answers: { status: number; body: object }[];
let server: Server;
beforeEach(async () => {
	asked = [];
	answers = [
		{ status: 201, body: intent },
		{ status: 202, body: { id: intent.cardId, state: "submitted" } },
	];
	server = createServer(async (request, response) => {
		const { url, headers } = request;
		asked.push({ url, authorization: headers.authorization, body: await json(request) });
		const { status = 500, body = {} } = answers.shift() ?? {};
		response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
});
afterEach(() => server.close());

const run = () => {
	const { port } = server.address() as AddressInfo; // of a server that listens
	const env = { ...process.env, PORTAL: `http://127.0.0.1:${port}`, TOKEN: "a-token" };
	return promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], { env });
};

describe("the program in docs/security/cards.md", () => {
	it("asks for an intent, seals what only billing opens, and submits it", async () => {
		const { stdout } = await run();

		expect(stdout).toContain("state: 'submitted'");
		expect(asked.map(({ url, authorization }) => [url, authorization])).toEqual([
			["/api/v1/cards/intents", "Bearer a-token"],
			["/api/v1/cards", "Bearer a-token"],
		]);
		expect(asked[0]?.body).toEqual({});
		const { jwe } = v.parse(CardSubmitted, { ...Object(asked[1]?.body), nonce: intent.nonce, acceptedAt: 0, replaces: null });
		expect(Object.keys(Object(asked[1]?.body)).sort()).toEqual(["brand", "cardId", "expMonth", "expYear", "jwe", "last4"]);
		expect(jwe.length).toBeLessThanOrEqual(cardLimits.jwe);

		const { plaintext, protectedHeader } = await compactDecrypt(jwe, await importJWK(cardKey, "ECDH-ES"));
		const { customerId: sub, cardId: cid, nonce } = intent;
		const epk = { kty: "EC", crv: "P-256", x: expect.any(String), y: expect.any(String) };
		const algorithms = { alg: "ECDH-ES", enc: "A256GCM" };
		expect(protectedHeader).toEqual({ ...algorithms, kid: publicCardKey.kid, typ: "card+jwe", sub, cid, epk });
		expect(plaintext.length % 256).toBe(0);
		const { iat, ...payload } = JSON.parse(new TextDecoder().decode(plaintext));
		expect(Math.abs(Date.now() / 1000 - iat)).toBeLessThan(60);
		const exp = Date.parse(intent.expiresAt) / 1000;
		const card = { pan: "4242424242424242", expMonth: 12, expYear: 2039 };
		expect(payload).toEqual({ v: 1, aud: "billing.card.v1", sub, cid, nonce, exp, ...card });
	});

	it("says which code it was refused with, and sends no card then", async () => {
		answers = [{ status: 409, body: { code: "too_many_cards" } }];

		await expect(run()).rejects.toThrow("cards/intents: too_many_cards");
		expect(asked).toHaveLength(1);
	});
});

it("the document says of every reason when a card is rejected for it", () => {
	const section = page.split("## What billing asks")[1]?.split("\n## ")[0] ?? "";
	const named = [...section.matchAll(/\| `(\w+)` \|$|^`(\w+)` is/gm)].map(([, asked, unused]) => asked ?? unused);

	expect([...new Set(named)].toSorted()).toEqual([...CardReason.options].toSorted());
});
