import { createExecutionContext } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { IdentityWorld, someBrowser } from "../../shared/testing/identity.ts";
import { days, hours, minutes } from "../../shared/time.ts";
import * as worker from "./index.ts";

let world: IdentityWorld;
beforeEach(async () => {
	world = await IdentityWorld.start(worker);
});

const hourly = () => world.cron("17 * * * *");
const count = async (table: string) => (await world.rows<{ n: number }>(`select count(*) as n from ${table}`))[0]?.n;

describe("every hour", () => {
	it("codes, challenges, budgets and sessions go when they are over, and not before; customers stay", async () => {
		const { secret } = await world.signIn("ada@example.com");
		await world.codeFor("grace@example.com");
		await world.call("passkeySignInOptions");

		world.pass(10 * minutes);
		await hourly();
		expect([await count("verifications"), await count("code_sends"), await count("sessions")]).toEqual([1, 2, 1]);

		world.pass(days - 10 * minutes + 1);
		await hourly();
		expect([await count("verifications"), await count("code_sends"), await count("sessions")]).toEqual([0, 0, 1]);

		world.pass(6 * days - 2);
		await hourly();
		expect(await world.call("refresh", { secret })).toMatchObject({ sessionId: expect.any(String) });

		world.pass(hours + 1);
		await hourly();
		expect([await count("sessions"), await count("users")]).toEqual([1, 1]);

		world.pass(1);
		await hourly();
		expect([await count("sessions"), await count("users")]).toEqual([0, 1]);
	});

	it("a finished change of address goes 30 days after it was asked for, one that is not finished stays", async () => {
		for (const name of ["ada", "grace"]) {
			const { secret } = await world.signIn(`${name}@example.com`);
			const input = { secret, email: `${name}@new.example`, browser: someBrowser };
			await world.call("requestEmailChange", input);
			await world.call("confirmEmailChange", { ...input, code: world.codeTo(input.email) });
			world.customersDown = name === "grace";
			world.pass(days);
			await world.cron();
		}
		world.pass(28 * days - 1);
		await hourly();
		expect(await count("email_changes")).toBe(2);

		world.pass(days);
		await hourly();
		expect(await world.rows("select new_email, state from email_changes")).toEqual([
			{ new_email: "grace@new.example", state: "changed" },
		]);
	});

	it("a notice that nobody has taken for a week goes", async () => {
		const ada = await world.signIn("ada@example.com");
		await world.signIn("grace@example.com");
		world.mailDown = true;
		await world.call("requestEmailChange", { secret: ada.secret, email: "grace@example.com", browser: someBrowser });
		world.pass(7 * days);
		await hourly();
		expect(await count("notices")).toBe(1);

		world.pass(1);
		await hourly();
		expect(await count("notices")).toBe(0);
	});
});

describe("health", () => {
	const ask = async (path = "/healthz") => {
		const response = await worker.default.fetch(new Request(`https://identity.test${path}`), world.env, createExecutionContext());
		return { status: response.status, body: await response.text().then((text) => (text ? JSON.parse(text) : null)) };
	};

	it("is failing before the Cron Trigger of every minute has run, ok after, and failing after 15 minutes of silence", async () => {
		expect((await ask()).status).toBe(503);
		await world.cron();
		expect(await ask()).toEqual({
			status: 200,
			body: {
				status: "ok",
				worker: "identity",
				shards: [{ shard: "00", reachable: true }],
				crons: { "* * * * *": new Date().toISOString() },
			},
		});
		world.pass(15 * minutes + 1);
		expect(await ask()).toMatchObject({ status: 503, body: { status: "failing" } });
	});

	it("is failing when the database does not answer", async () => {
		await world.cron();
		world.database.down = true;

		expect(await ask()).toMatchObject({ status: 503, body: { shards: [{ shard: "00", reachable: false }] } });
	});

	it("is all that is served over HTTP", async () => {
		for (const path of ["/", "/api/auth/get-session", "/healthz/x", "/.well-known/passkey-endpoints"]) {
			expect(await ask(path)).toEqual({ status: 404, body: null });
		}
		expect((await exports.default.fetch("https://identity.test/")).status).toBe(404);
	});
});

it("a Cron Trigger that fails is an alarm, and has not run", async () => {
	world.database.down = true;
	await world.cron();
	world.database.down = false;

	expect(world.logged.join()).toContain("cron_failed");
	expect(await count("cron_runs")).toBe(0);
});
