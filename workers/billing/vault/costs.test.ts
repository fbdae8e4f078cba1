import { createExecutionContext, createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { fill } from "../../../shared/testing/backlog.ts";
import { vaultKek } from "../../../shared/testing/bindings.ts";
import { CostSheet } from "../../../shared/testing/counting.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { accessToken, administratorEmail, serveCerts } from "../../../shared/testing/staff.ts";
import { days, hours } from "../../../shared/time.ts";
import worker from "../index.ts";
import { vaultCron } from "./schedule.ts";
import { webCryptoVault } from "./web-crypto-vault.ts";

const sheet = new CostSheet<Cloudflare.Env>(env);
const cron = (counted: Cloudflare.Env, execution: ExecutionContext) =>
	worker.scheduled(createScheduledController({ cron: vaultCron }), counted, execution);

/** Ids as they come, but the same in every run, and far from where a random one falls. */
const cardId = "printf('crd_00%026d', i)";
const owner = { customerId: "cus_00" };
const oldKek = { "kek-old": "o".repeat(43) };

beforeAll(async () => {
	await migrateDatabases();
	await env.BILLING_DB_00.prepare("insert into staff values (?, 'administrator')").bind(administratorEmail).run();
});

/** A vault of 100,000 cards that have been there for a year, 500 of them of yesterday. */
async function givenVault(): Promise<void> {
	await fill(env.BILLING_DB_00, "cards", 100_000, {
		card_id: cardId,
		customer_id: "'cus_00'",
		state: "'verified'",
		changed_at: 0,
	});
	await fill(env.BILLING_DB_00, "fingerprints", 100_000, { card_id: cardId, customer_id: "'cus_00'", fingerprint: "i" });
	await fill(env.BILLING_DB_00, "vault", 100_000, {
		card_id: cardId,
		customer_id: "'cus_00'",
		kek_id: `'${vaultKek.id}'`,
		wrapped_key: "''",
		sealed_card: "''",
		sealed_at: `iif(i > 99500, ${Date.now() - 26 * hours}, ${Date.now() - 365 * days} + i)`,
	});
}

it("an hour in which no key is replaced reads as much of 100,000 cards as of a thousand: a page here and there", async () => {
	await givenVault();

	const costs = await sheet.line("Cron of the vault, 100,000 cards, nothing to do", cron);

	expect(costs).toMatchObject({ sends: 0, otherCalls: 0, rowsWritten: 1 });
	expect(costs.rowsRead).toBeLessThan(10_000);
});

/** The first cards of the vault, under another key. */
async function putUnderOldKey(count: number): Promise<void> {
	const old = webCryptoVault(JSON.stringify(oldKek), "");
	const rows = Array.from({ length: count }, async (_, i) => {
		const card = { ...owner, cardId: `crd_00${`${i + 1}`.padStart(26, "0")}` };
		return { ...card, ...(await old.seal({ token: "tok_1", expMonth: 1, expYear: 2031 }, card)) };
	});
	const text = `update vault set kek_id = m.value->>'$.kekId', wrapped_key = m.value->>'$.wrappedKey', sealed_card = m.value->>'$.sealedCard'
		from json_each(?) as m where card_id = m.value->>'$.cardId'`;
	await env.BILLING_DB_00.prepare(text)
		.bind(JSON.stringify(await Promise.all(rows)))
		.run();
}

it("re-wrapping reads and writes its page and nothing else of 100,000 cards", async () => {
	const keks = JSON.stringify({ [vaultKek.id]: vaultKek.secret, ...oldKek });
	const rewrap = (counted: Cloudflare.Env, execution: ExecutionContext) => cron({ ...counted, VAULT_KEKS: keks }, execution);
	const perCard = 2; // of rows written: the row and its place in the index of keys

	await putUnderOldKey(1);
	const one = await sheet.line("the same, one card to re-wrap", rewrap);
	await putUnderOldKey(500);
	const page = await sheet.line("the same, a page of 500 to re-wrap", rewrap);

	expect(one.rowsWritten).toBe(1 + perCard);
	expect(page.rowsWritten).toBe(1 + perCard * 500);
	expect(page.rowsRead - one.rowsRead).toBeLessThan(500 * 6);
});

it("which keys are in use is a row read for each of them", async () => {
	serveCerts();
	const headers = { "cf-access-jwt-assertion": await accessToken({ email: administratorEmail }) };
	const get = async (counted: Cloudflare.Env, execution: ExecutionContext) => {
		const request = new Request("https://billing.test/api/v1/vault", { headers });
		expect((await worker.fetch(request, counted, execution)).status).toBe(200);
	};
	await get(env, createExecutionContext()); // Access's keys are read once an isolate

	const costs = await sheet.line("GET vault", get);

	expect(costs.rowsRead).toBeLessThan(20);
});

it("costs what test/costs/billing-vault.md says; if the change is meant: npm run costs -- --update", async () => {
	await expect(sheet.table("vault of the billing")).toMatchFileSnapshot("../../../test/costs/billing-vault.md");
});
