import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { workerConfigs } from "../scripts/dev/configs.ts";
import { publicKeys, signingKey } from "../shared/testing/bindings.ts";

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
				bindings: { ...vars, SIGNING_KEY: signingKey(worker), PUBLIC_KEYS: publicKeys, SESSION_KEYS: "{}" },
				d1Databases: d1_databases.map(({ binding }) => binding),
			}),
		);
	}, 60_000);
	afterAll(() => simulator.dispose());

	test("abuse case 21: cron and development endpoints over HTTP do not exist", async () => {
		// given that the Worker answers
		expect((await simulator.dispatchFetch("https://example.com/healthz")).status).toBe(503);

		for (const method of ["GET", "POST"]) {
			for (const url of [
				`/__dev/scheduled?worker=${worker}&cron=*+*+*+*+*`,
				"/__dev/access/cdn-cgi/access/certs",
				"/__dev/mail",
				"/__dev",
				"/__scheduled?cron=*+*+*+*+*",
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

	test("and its configuration know nothing of the development issuer", () => {
		// given what the gateway and the local stack would bring in
		const development = /__dev\/|x-dev-host|dev-gateway|localhost:\d/i;
		expect(development.exec(bundle)?.[0]).toBeUndefined();
		expect(development.exec(readFileSync(path, "utf8"))?.[0]).toBeUndefined();

		// then an issuer in the configuration can only be one of Cloudflare Access
		expect(String(vars["ACCESS_ISSUER"] ?? "")).toMatch(/^(https:\/\/[\w-]+\.cloudflareaccess\.com)?$/);
	});
});
