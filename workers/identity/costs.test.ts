import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { SignedIn } from "../../shared/identity.ts";
import { CostSheet } from "../../shared/testing/counting.ts";
import { IdentityWorld, someBrowser } from "../../shared/testing/identity.ts";
import * as worker from "./index.ts";

const email = "ada@example.com";
const sheet = new CostSheet<IdentityBindings>(env);
let world: IdentityWorld;
let ada: SignedIn;
beforeAll(async () => {
	world = await IdentityWorld.start(worker);
	await fill();
	ada = await world.signIn(email);
});

/**
 * Others, so that a scan would show. Some sort before and some behind whatever id is drawn here: at an end of an index a
 * search reads a row less.
 */
async function fill(): Promise<void> {
	const one = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000)";
	const now = Date.now();
	const spread = (prefix: string) => `'${prefix}' || case i % 3 when 0 then '!' when 1 then '00' else 'zz' end || i`;
	await env.IDENTITY_DB.batch([
		env.IDENTITY_DB.prepare(`${one} insert into users (id, name, email, email_verified, created_at, updated_at)
			select ${spread("cus_")}, '', i || '@example.com', 1, ${now}, ${now} from n`),
		env.IDENTITY_DB.prepare(`${one} insert into sessions (id, user_id, token, created_at, updated_at, expires_at)
			select ${spread("ses_")}, ${spread("cus_")}, 'token' || i, ${now}, ${now}, ${now + 1e9} from n`),
		env.IDENTITY_DB.prepare(`${one} insert into code_sends (email, sent_at, id) select i || '@example.com', ${now}, i from n`),
		env.IDENTITY_DB.prepare(`${one} insert into verifications (id, identifier, value, expires_at, created_at, updated_at)
			select ${spread("")}, ${spread("sign-in-otp-")}, '', ${now + 1e9}, ${now}, ${now} from n`),
		env.IDENTITY_DB.prepare(`${one} insert into email_changes (id, user_id, old_email, new_email, state, created_at, takes_effect_at, attempts)
			select i, ${spread("cus_")}, '', '', 'done', ${now}, ${now}, 1 from n`),
		env.IDENTITY_DB.prepare(`${one} insert into passkeys (id, user_id, public_key, credential_id, counter, device_type, backed_up)
			select i, ${spread("cus_")}, '', 'credential' || i, 0, 'singleDevice', 0 from n`),
	]);
}

const line = (name: string, call: (identity: worker.Identity) => Promise<unknown>) =>
	sheet.line(name, (counted, execution) => call(new worker.Identity(execution, counted)));
const cron = (name: string, cron: string) =>
	sheet.line(name, (counted, execution) => {
		const event = { cron, scheduledTime: Date.now(), noRetry() {}, type: "scheduled" } as ScheduledController;
		return worker.default.scheduled(event, counted, execution);
	});
const code = (address = email) => world.codeFor(address);
const signIn = (address: string, code: string) => (identity: worker.Identity) =>
	identity.signInWithCode({ email: address, code, browser: someBrowser, userAgent: "" });

/** However much there is: a page of one customer's own rows at most. */
const aFewRows = 50;

describe("signing in", () => {
	it("reads a few rows, however many customers there are", async () => {
		const asked = await line("requestCode", (identity) => identity.requestCode({ email, browser: someBrowser }));
		expect(asked.d1Calls).toBe(2);
		expect(asked.rowsRead).toBeLessThan(aFewRows);
		const right = await code();
		const wrong = right.replace(/.$/, (last) => (last === "7" ? "8" : "7"));
		const lines = [
			await line("signInWithCode, wrong", signIn(email, wrong)),
			await line("signInWithCode", signIn(email, right)),
			await line("signInWithCode, somebody new", signIn("new@example.com", await code("new@example.com"))),
			await line("passkeySignInOptions", (identity) => identity.passkeySignInOptions()),
		];
		for (const costs of lines) expect(costs.rowsRead).toBeLessThan(aFewRows);
	});
});

describe("what a session is asked for", () => {
	it("is one D1 call", async () => {
		const { secret, customerId, sessionId } = ada;
		const lines = [
			await line("checkTrust", (identity) => identity.checkTrust({ customerId, sessionId })),
			await line("refresh", (identity) => identity.refresh({ secret })),
			await line("refresh, signed out", (identity) => identity.refresh({ secret: "x".repeat(32) })),
			await line("account", (identity) => identity.account({ secret })),
			await line("endSessions, others", (identity) => identity.endSessions({ secret, which: "others" })),
			await line("endSessions, this", (identity) => identity.endSessions({ secret, which: "this" })),
		];
		for (const costs of lines) {
			expect(costs.d1Calls).toBe(1);
			expect(costs.rowsRead).toBeLessThan(aFewRows);
			expect(costs.otherCalls).toBe(0);
		}
	});
});

describe("Cron Triggers with nothing to do", () => {
	it("read next to nothing, and write only that they have run", async () => {
		const minute = await cron("Cron of every minute, nothing due", "* * * * *");
		const hour = await cron("Cron of every hour, nothing to prune", "17 * * * *");

		expect(minute).toMatchObject({ d1Calls: 3, rowsWritten: 1, otherCalls: 0 });
		expect(minute.rowsRead).toBeLessThan(aFewRows);
		expect(hour.rowsRead).toBeLessThan(aFewRows);
	});
});

it("costs what test/costs/identity.md says; if the change is meant: npm run costs -- --update", async () => {
	await expect(sheet.table("identity")).toMatchFileSnapshot("../../test/costs/identity.md");
});
