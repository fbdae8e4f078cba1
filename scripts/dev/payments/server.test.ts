import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request as rawRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { root } from "../../run.ts";
import { payments as shown } from "../gateway/payments.ts";
import { type PaymentServer, servePayments } from "./server.ts";

const key = "a-key-of-tests";
const pan = "4242424242424242";
let folder: string;
let file: string;
let server: PaymentServer;

beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), "payments-"));
	file = join(folder, "state/payments.sqlite");
	server = await servePayments({ file, key });
});
afterEach(async () => {
	await server.stop();
	rmSync(folder, { recursive: true, force: true });
});

interface Sent {
	readonly id?: string;
	readonly body?: object | string;
	readonly bearer?: string;
	readonly method?: string;
	readonly url?: string;
}

/** All that any answer may have. */
interface Said {
	readonly token?: string;
	readonly outcome?: string;
	readonly charges?: readonly object[];
}

async function ask(path: string, { id, body, bearer = key, method = body ? "POST" : "GET", url = server.url }: Sent = {}) {
	const headers = { authorization: `Bearer ${bearer}`, ...(id === undefined ? {} : { "idempotency-key": id }) };
	const text = typeof body === "object" ? JSON.stringify(body) : body;
	const response = await fetch(url + path, { method, headers, ...(text === undefined ? {} : { body: text }) });
	const said: Said = await response.json();
	return { status: response.status, said };
}

const card = { pan, expMonth: 12, expYear: 2039, name: "Ada Example", customer: "cus_1" };
const taken = { amountMinor: 4990, currency: "EUR" };
const charge = { token: "tok.good.crd_1", ...taken, customer: "cus_1" };

describe("the sandbox over HTTP", () => {
	test("makes one charge of 20 equal requests at once, and answers them all alike", async () => {
		const answers = await Promise.all(Array.from({ length: 20 }, () => ask("/v1/charges", { id: "att_1", body: charge })));

		for (const answer of answers)
			expect(answer).toEqual({ status: 200, said: { outcome: "approved", ref: "ch_att_1", ...taken } });
		expect((await ask("/v1/ledger")).said.charges).toHaveLength(1);
	});

	test("of 20 different ones with one key takes the first, and gives back no more than was charged by 20 refunds at once", async () => {
		const charges = await Promise.all(
			Array.from({ length: 20 }, (_, i) => ask("/v1/charges", { id: "att_1", body: { ...charge, amountMinor: i + 100 } })),
		);
		expect(charges.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(409)]);

		await ask("/v1/charges", { id: "att_2", body: charge });
		const part = { chargeRef: "ch_att_2", amountMinor: 1000, currency: "EUR" };
		const refunds = await Promise.all(Array.from({ length: 20 }, (_, i) => ask("/v1/refunds", { id: `rfd_${i}`, body: part })));
		expect(refunds.filter(({ said }) => said.outcome === "refunded")).toHaveLength(4);
	});

	test("remembers after a restart what it has done, in the order in which it did it", async () => {
		const { said } = await ask("/v1/cards", { id: "crd_1", body: card });
		await ask("/v1/charges", { id: "att_1", body: { ...charge, token: said.token } });
		await ask("/v1/refunds", { id: "rfd_1", body: { chargeRef: "ch_att_1", amountMinor: 90, currency: "EUR" } });
		const before = (await ask("/v1/ledger")).said;
		await server.stop();
		server = await servePayments({ file, key });

		expect((await ask("/v1/ledger")).said).toEqual(before);
		expect(before).toMatchObject({ cards: [{ id: "crd_1" }], charges: [{ id: "att_1" }], refunds: [{ id: "rfd_1" }] });
		expect((await ask("/v1/charges", { id: "att_1", body: { ...charge, amountMinor: 1 } })).status).toBe(409);
		expect((await ask("/v1/charges?attempt=att_1")).said).toEqual({ charge: { outcome: "approved", ref: "ch_att_1", ...taken } });
		expect((await ask("/v1/refunds?refund=rfd_1")).said).toEqual({ refund: { outcome: "refunded", ref: "re_rfd_1" } });
	});

	test("remembers after it was killed what it has answered", async () => {
		const other = join(folder, "killed.sqlite");
		const script = `import { servePayments } from "./scripts/dev/payments/server.ts";
			console.log((await servePayments({ file: ${JSON.stringify(other)}, key: ${JSON.stringify(key)} })).url);`;
		const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
			cwd: root,
			stdio: ["ignore", "pipe", "ignore"],
		});
		const [url] = await once(createInterface({ input: child.stdout }), "line");
		expect(await ask("/v1/charges", { id: "att_1", body: charge, url })).toMatchObject({ status: 200 });
		child.kill("SIGKILL");
		await once(child, "close");

		const again = await servePayments({ file: other, key });
		const { said } = await ask("/v1/charges?attempt=att_1", { url: again.url });
		await again.stop();
		expect(said).toEqual({ charge: { outcome: "approved", ref: "ch_att_1", ...taken } });
	});

	test("keeps no card number, in no file and no answer", async () => {
		const answers = [await ask("/v1/cards", { id: "crd_1", body: card }), await ask("/v1/cards", { id: "crd_1", body: card })];
		answers.push(await ask("/v1/cards", { id: "crd_2", body: { ...card, cvc: "123" } }), await ask("/v1/ledger"));
		await server.stop();
		const files = ["", "-wal"].map((end) => {
			try {
				return readFileSync(file + end, "latin1");
			} catch {
				return "";
			}
		});
		server = await servePayments({ file, key });

		const kept = JSON.stringify([answers, files]);
		expect(kept).toContain("crd_1");
		expect(kept).toContain("4242");
		for (const secret of [pan, pan.slice(0, 12), "Ada Example"]) expect(kept).not.toContain(secret);
	});

	test.each<[string, number, string, string, Sent]>([
		["another key", 401, "unauthorized", "/v1/ledger", { bearer: "guessed" }],
		["no key", 401, "unauthorized", "/v1/charges", { bearer: "", id: "att_1", body: charge }],
		["nothing there", 404, "not_found", "/v1/payments", {}],
		["another method", 405, "method_not_allowed", "/v1/charges", { method: "DELETE" }],
		["no JSON", 400, "malformed_json", "/v1/charges", { id: "att_1", body: `{"pan":"${pan}"` }],
		["no body", 400, "malformed_json", "/v1/charges", { id: "att_1", method: "POST" }],
		["no idempotency key", 400, "idempotency_key_missing", "/v1/charges", { body: charge }],
		["no attempt to look up", 400, "id_missing", "/v1/charges", {}],
		["no refund to look up", 400, "id_missing", "/v1/refunds", {}],
		["nothing to charge", 422, "invalid_body", "/v1/charges", { id: "att_1", body: { ...charge, amountMinor: 0 } }],
		["half a cent", 422, "invalid_body", "/v1/charges", { id: "att_1", body: { ...charge, amountMinor: 0.5 } }],
		["no currency", 422, "invalid_body", "/v1/charges", { id: "att_1", body: { ...charge, currency: "euro" } }],
		["one field more", 422, "invalid_body", "/v1/cards", { id: "crd_1", body: { ...card, cvc: "123" } }],
		["a number that is none", 422, "invalid_body", "/v1/cards", { id: "crd_1", body: { ...card, pan: "4242 4242" } }],
		[
			"a token that is none",
			422,
			"unknown_token",
			"/v1/charges",
			{ id: "att_1", body: { ...charge, token: "tok.better.crd_1" } },
		],
		[
			"a charge that is none",
			422,
			"unknown_charge",
			"/v1/refunds",
			{ id: "rfd_1", body: { chargeRef: "ch_att_0", amountMinor: 1, currency: "EUR" } },
		],
		["a fault that is none", 422, "invalid_body", "/__sandbox/faults", { body: { next: [{ kind: "fire" }] } }],
		[
			"too much",
			413,
			"too_large",
			"/v1/charges",
			{ id: "att_1", body: JSON.stringify({ ...charge, customer: "x".repeat(5000) }) },
		],
	])("refuses %s: %i %s", async (_, status, error, path, sent) => {
		expect(await ask(path, sent)).toEqual({ status, said: { error } });
		expect((await ask("/v1/ledger")).said).toEqual({ cards: [], charges: [], refunds: [] });
	});

	test("reads no endless body", async () => {
		const endless = rawRequest(`${server.url}/v1/charges`, { method: "POST", headers: { authorization: `Bearer ${key}` } });
		endless.on("error", () => {}); // it is hung up on
		for (let i = 0; i < 20; i++) endless.write("x".repeat(10_000));
		const [response] = await once(endless, "response");

		expect(response.statusCode).toBe(413);
		endless.destroy();
	});

	test("answers nobody for whom it is to be late, has charged all the same, and stops at once", async () => {
		const faults = { next: [{ kind: "timeout_with_charge" }, { kind: "timeout_without_charge" }] };
		expect(await ask("/__sandbox/faults", { body: faults })).toMatchObject({ status: 200 });
		const late = ["att_1", "att_2"].map((id) => ask("/v1/charges", { id, body: charge }));
		const heard = Promise.allSettled(late);
		await expect.poll(async () => (await ask("/__sandbox/faults")).said).toEqual({ next: [] });

		expect((await ask("/v1/ledger")).said.charges).toMatchObject([{ id: "att_1" }]);
		await server.stop();
		expect((await heard).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
		server = await servePayments({ file, key });
	});
});

describe("the page of payments", () => {
	const get = (accept: string) =>
		shown(new Request("http://localhost:8787/__dev/payments", { headers: { accept } }), {
			PAYMENT_SANDBOX_URL: server.url,
			PAYMENT_KEY: key,
		});

	test("shows people what was charged and given back, and nothing before", async () => {
		expect(await (await get("text/html")).text()).toContain("None yet.");
		await ask("/v1/cards", { id: "crd_1", body: card });
		await ask("/v1/charges", { id: "att_1", body: { ...charge, customer: "<b>Ada</b>" } });
		await ask("/v1/charges", { id: "att_2", body: { ...charge, token: "tok.card_expired.crd_2", currency: "JPY" } });
		await ask("/v1/charges", { id: "att_3", body: { ...charge, amountMinor: 499_000, currency: "HUF" } });
		await ask("/v1/refunds", { id: "rfd_1", body: { chargeRef: "ch_att_1", amountMinor: 90, currency: "EUR" } });

		const response = await get("text/html");
		const text = await response.text();

		expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
		for (const part of [
			"…4242",
			"att_1",
			"€49.90",
			"¥4,990",
			"HUF\u00a04,990.00",
			"declined: hard, card_expired",
			"€0.90",
			"&lt;b&gt;Ada",
		]) {
			expect(text).toContain(part);
		}
		expect(text).not.toContain("<b>Ada");
	});

	test("is JSON for whom asks for it", async () => {
		await ask("/v1/charges", { id: "att_1", body: charge });
		expect(await (await get("application/json")).json()).toMatchObject({ charges: [{ id: "att_1", amountMinor: 4990 }] });
	});

	test("tells the sandbox what goes wrong with its next call", async () => {
		const request = new Request("http://localhost:8787/__dev/payments", { method: "POST", body: '{"next":[{"kind":"429"}]}' });
		expect((await shown(request, { PAYMENT_SANDBOX_URL: server.url, PAYMENT_KEY: key })).status).toBe(200);

		expect(await ask("/v1/charges", { id: "att_1", body: charge })).toEqual({
			status: 429,
			said: { error: "too_many_requests" },
		});
		expect((await ask("/v1/charges", { id: "att_1", body: charge })).status).toBe(200);
	});
});
