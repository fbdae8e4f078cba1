import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { parse } from "smol-toml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { workerConfigs } from "../scripts/dev/configs.ts";
import { testBindings } from "../shared/testing/bindings.ts";

const folder = mkdtempSync(join(tmpdir(), "bundle-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(workerConfigs)("the production bundle of $worker", ({ worker, path, vars, d1_databases }) => {
	let bundle: string;
	let simulator: Miniflare;

	beforeAll(async () => {
		const outdir = join(folder, worker);
		const wrangler = join(import.meta.dirname, "../node_modules/wrangler/bin/wrangler.js");
		const env = { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "true" };
		await promisify(execFile)(process.execPath, [wrangler, "deploy", "--dry-run", "-c", path, "--outdir", outdir], { env });
		bundle = readFileSync(join(outdir, "index.js"), "utf8");
		simulator = new Miniflare(
			convertV4MiniflareOptions({
				modules: true,
				script: bundle,
				compatibilityDate: "2026-11-02",
				bindings: { ...vars, ...testBindings(worker), SESSION_KEYS: "{}" },
				d1Databases: d1_databases.map(({ binding }) => binding),
			}),
		);
	}, 60_000);
	afterAll(() => simulator.dispose());

	test("row 21: cron and development endpoints over HTTP do not exist", async () => {
		// given that the Worker answers
		expect((await simulator.dispatchFetch("https://example.com/healthz")).status).toBe(503);

		for (const method of ["GET", "POST"]) {
			for (const url of [
				`/__dev/scheduled?worker=${worker}&cron=*+*+*+*+*`,
				"/__dev/access/cdn-cgi/access/certs",
				"/__dev/mail",
				"/__dev/payments",
				"/__sandbox/faults",
				"/v1/charges",
				"/__dev/session",
				"/__dev",
				"/__scheduled?cron=*+*+*+*+*",
				"/cdn-cgi/handler/scheduled",
				"/cdn-cgi/access/certs",
				"/scheduled",
			]) {
				const response = await simulator.dispatchFetch(`https://example.com${url}`, {
					method,
					headers: { "x-dev-host": worker },
				});
				expect(response.status, `${method} ${url}`).toBe(404);
			}
		}
	});

	test("knows nothing of the gateway and the development issuer", () => {
		expect(/__dev\/|__sandbox|x-dev-host|dev-gateway|localhost:\d/i.exec(bundle)?.[0]).toBeUndefined();
	});
});

describe.each(workerConfigs)("any production configuration of $worker", ({ worker, path, vars }) => {
	const text = readFileSync(path, "utf8").replaceAll(/^#.*$/gm, "");
	const config = parse(text);

	test("sends unconfirmed events again when their events say so: the few seconds of the local stack are not set", () => {
		expect(vars["FIRST_RESEND_SECONDS"]).toBe(worker === "identity" ? undefined : "");
	});

	test("charges cards by a provider, not by the sandbox of the local stack", () => {
		expect(vars["PAYMENT_PROVIDER"]).toBe(worker === "billing" ? "stripe" : undefined);
		expect(vars["PAYMENT_SANDBOX_URL"]).toBe(worker === "billing" ? "" : undefined);
		expect(text.replaceAll("PAYMENT_SANDBOX_URL", "")).not.toMatch(/sandbox/i);
	});

	test("has no preview addresses", () => {
		expect(config).toMatchObject({ preview_urls: false });
	});

	test("names no development issuer: one that it names is Cloudflare Access's", () => {
		expect(text).not.toMatch(/localhost|127\.0\.0\.1|__dev|x-dev-host|development|dev-gateway|http:/i);
		expect(String(vars["ACCESS_ISSUER"] ?? "")).toMatch(/^(https:\/\/[\w-]+\.cloudflareaccess\.com)?$/);
	});
});

test.each(workerConfigs.filter(({ worker }) => worker !== "customer"))(
	"$worker has no address of its own: Cloudflare Access or the customer Worker stands before it",
	({ path }) => {
		expect(parse(readFileSync(path, "utf8"))).toMatchObject({ workers_dev: false });
	},
);

describe("the card's way is closed:", () => {
	const configs = workerConfigs.map(({ worker, path, secrets }) => {
		const { services = [], durable_objects }: { services?: { service: string }[]; durable_objects?: object } = parse(
			readFileSync(path, "utf8"),
		);
		return { worker, secrets: secrets.required, calls: services.map(({ service }) => service), objects: durable_objects };
	});
	const billing = configs.find(({ worker }) => worker === "billing");

	test("no Worker calls billing, and billing calls nobody but sysops, for the contract feed", () => {
		expect(configs.filter(({ calls }) => calls.includes("billing"))).toEqual([]);
		expect(billing?.calls).toEqual(["sysops"]);
	});

	test("what opens and seals cards is a secret of billing alone", () => {
		const secrets = ["CARD_KEYS", "VAULT_KEKS", "FINGERPRINT_KEY"];
		expect(billing?.secrets).toEqual(expect.arrayContaining(secrets));
		const others = configs.filter(({ worker }) => worker !== "billing").flatMap(({ secrets }) => secrets);
		expect(others.filter((name) => secrets.includes(name))).toEqual([]);
	});

	// how little a name would help is tested where the objects are, under the same row
	test("row 22: the only Durable Objects are billing's own, for its own invoices, and nobody else has a way to one", () => {
		const own = { bindings: [{ name: "INVOICE_DELIVERY", class_name: "InvoiceDelivery" }] };
		const having = configs.filter(({ objects }) => objects !== undefined);
		expect(having.map(({ worker, objects }) => ({ worker, objects }))).toEqual([{ worker: "billing", objects: own }]);
	});
});
