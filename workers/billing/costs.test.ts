import { createExecutionContext, createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { memoryLedger } from "../../scripts/dev/payments/ledger.ts";
import { createSandbox } from "../../scripts/dev/payments/sandbox.ts";
import { bytesToBase64Url } from "../../shared/bytes.ts";
import { brandOf } from "../../shared/cards.ts";
import { idOf } from "../../shared/ids.ts";
import { newEvent } from "../../shared/messaging/envelope.ts";
import { sealedCard, someExpiry, somePan } from "../../shared/testing/cards.ts";
import { feedOf } from "../../shared/testing/contracts.ts";
import { CostSheet, costsOf } from "../../shared/testing/counting.ts";
import { rowsOf } from "../../shared/testing/database.ts";
import { newId } from "../../shared/testing/fixtures.ts";
import { sentTo, signAs } from "../../shared/testing/forge.ts";
import { batchOf, neighbour, toBilling } from "../../shared/testing/messages.ts";
import { migrateDatabases } from "../../shared/testing/migrations.ts";
import { givenVersion } from "../../shared/testing/replica.ts";
import { accessToken, serveCerts, staffEmail } from "../../shared/testing/staff.ts";
import worker from "./index.ts";

const payments = createSandbox({ key: env.PAYMENT_KEY, ledger: memoryLedger(), now: Date.now });
const sheet = new CostSheet<Cloudflare.Env>(env, payments);
/** After each batch of events every shard is asked for what is due. */
const looks = 2;

beforeAll(migrateDatabases);

const cron = (expression: string) => (counted: Cloudflare.Env, execution: ExecutionContext) =>
	worker.scheduled(createScheduledController({ cron: expression }), counted, execution);

describe("the replication of 250 contracts", () => {
	it("costs each shard one call to begin with and two for each page: one of the feed and one of D1", async () => {
		const withFeed = { ...env, CONTRACT_FEED: (await feedOf(250)) as unknown as Fetcher }; // all that is used of it
		const replicate = () => costsOf(withFeed, cron("*/5 * * * *"));

		const first = await replicate();
		const none = await replicate();
		sheet.rows["Cron of replication, the first 250 contracts"] = first;
		sheet.rows["Cron of replication, nothing new"] = none;

		expect(first).toMatchObject({ d1Calls: 2 * (1 + 3) + 1, otherCalls: 2 * 3 });
		expect(none).toMatchObject({ d1Calls: 2 * (1 + 1) + 1, otherCalls: 2 });
		const offered = await env.BILLING_DB_01.prepare("select count(*) as contracts from contract_versions where offered").first();
		expect(offered).toEqual({ contracts: 250 });
	});
});

describe("a queue batch of 100 plans", () => {
	const plan = (subject: string, contractId: string) => {
		const phases = [{ from: 1000, lines: [{ contractId, contractVersion: 1 }] }];
		return toBilling("PlanChanged", subject, 1000, { startsAt: 1000, endsAt: null, phases });
	};
	const queue = (messages: string[]) => (counted: Cloudflare.Env, execution: ExecutionContext) =>
		worker.queue(batchOf("billing-info", messages), counted, execution);
	// sorted: at an end of an index a search reads a row less
	const customers = Array.from({ length: 100 }, () => newId("cus", "00")).sort();

	it("is one D1 batch and one send of receipts, then a page of what is due is claimed; repeated it writes nothing; without their contracts neither", async () => {
		const [known, unknown] = [newId("ctr", "00"), newId("ctr", "00")];
		await givenVersion(env.BILLING_DB_00, { contractId: known });
		const plans = await Promise.all(customers.map((id) => plan(id, known)));
		const early = await Promise.all(customers.map((id) => plan(id, unknown)));

		const deferred = await sheet.line("100 plans, too early", queue(early));
		const stored = await sheet.line("100 plans", queue(plans));
		const repeated = await sheet.line("100 plans, repeated", queue(plans));

		// a claim in each of the two shards
		expect(deferred).toMatchObject({ d1Calls: 1 + 2, sends: 0, rowsWritten: 0 });
		expect(stored).toMatchObject({ d1Calls: 1 + 2, sends: 1 + 1, messages: 1 + 2, otherCalls: 0 });
		expect(repeated).toMatchObject({ d1Calls: 1 + 2, sends: 1, rowsWritten: 0 });
	});

	it("a customer's subscriptions are one read beside the role", async () => {
		serveCerts();
		await env.BILLING_DB_00.prepare("insert into staff values (?, 'helpdesk')").bind(staffEmail).run();
		const headers = { "cf-access-jwt-assertion": await accessToken() };
		const get = async (counted: Cloudflare.Env, execution: ExecutionContext) => {
			const request = new Request(`https://billing.test/api/v1/subscriptions/${customers[50]}`, { headers });
			expect((await worker.fetch(request, counted, execution)).status).toBe(200);
		};
		await get(env, createExecutionContext()); // Access's keys are read once an isolate

		const costs = await sheet.line("GET subscriptions/{id}", get);

		expect(costs).toMatchObject({ d1Calls: 2, rowsWritten: 0, otherCalls: 0 });
	});
});

describe("a queue batch of 100 cards", () => {
	// the same ones in every run, and in order: where something stands in an index, a search may read a row more or less
	const at = (batch: number, i: number) => Uint8Array.of(batch, i, ...new Array(14).fill(0));
	const owners = Array.from({ length: 100 }, (_, i) => idOf("cus", "00", at(0, i)));
	const source = neighbour("customer");
	const event = (type: "CardSubmitted" | "CardRemoved", subject: string, data: object) =>
		signAs("customer", newEvent(source, "00", { type, subject, data }), sentTo("billing", source.now()));
	/** One card of each customer. */
	const cardsOf = (batch: number, pan: string, acceptedAt: number, replaced: readonly { cardId: string }[] = []) =>
		Promise.all(
			owners.map(async (customerId, i) => {
				const cardId = idOf("crd", "00", at(batch, i));
				const nonce = bytesToBase64Url(at(batch, i));
				const jwe = await sealedCard({ customerId, cardId, nonce, pan, now: acceptedAt });
				const shown = { brand: brandOf(pan), last4: pan.slice(-4), ...someExpiry };
				const replaces = replaced[i]?.cardId ?? null;
				return {
					cardId,
					message: await event("CardSubmitted", customerId, { cardId, nonce, jwe, ...shown, acceptedAt, replaces }),
				};
			}),
		);
	const queue = (messages: readonly string[]) => (counted: Cloudflare.Env, execution: ExecutionContext) =>
		worker.queue(batchOf("billing-info", messages), counted, execution);
	const messagesOf = (cards: readonly { message: string }[]) => cards.map(({ message }) => message);
	const state = async () => {
		const text = "select state, count(*) as cards from cards where customer_id = ? group by state order by state";
		return rowsOf(env.BILLING_DB_00, text, owners[50]);
	};

	it("is a look at each card, one D1 batch, the events and one send of receipts, however many there are already; at most so much for each", async () => {
		const now = Date.now();
		const first = await cardsOf(1, somePan.visa, now);
		const other = await cardsOf(2, somePan.jcb, now);
		const again = await cardsOf(3, somePan.visa, now + 1000, other);
		const full = await cardsOf(4, somePan.amex, now);

		const stored = await sheet.line("100 cards", queue(messagesOf(first)));
		const repeated = await sheet.line("100 cards, repeated", queue(messagesOf(first)));
		await costsOf(env, queue(messagesOf(other)), "end", payments);
		const replacing = await sheet.line("100 cards, each instead of two", queue(messagesOf(again)));
		await givenCards(5000);
		const amongMany = await costsOf(env, queue(messagesOf(full)), "end", payments);
		const removals = await Promise.all(
			again.map(({ cardId }, i) => event("CardRemoved", owners[i] ?? "", { cardId, removedAt: now })),
		);
		const removed = await sheet.line("100 cards, removed", queue(removals));

		expect(stored).toMatchObject({ d1Calls: 101 + looks, sends: 2, messages: 101, otherCalls: 100 });
		expect(repeated).toMatchObject({ d1Calls: 101 + looks, sends: 1, rowsWritten: 0, otherCalls: 0 });
		expect(replacing).toMatchObject({ d1Calls: 101 + looks, sends: 2, messages: 101 });
		expect(removed).toMatchObject({ d1Calls: 1 + looks, sends: 1, messages: 1 });
		// not a row more for each
		expect(amongMany.rowsRead - stored.rowsRead).toBeLessThan(100);
		expect(await state()).toEqual([
			{ state: "removed", cards: 3 },
			{ state: "verified", cards: 1 },
		]);
	});

	/** Cards that are there already, half of them of the very customers of the batch. */
	async function givenCards(count: number) {
		const each = `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})`;
		const owner = "iif(i % 2, json_extract(?1, '$[' || (i % 100) || ']'), 'cus_0' || i)";
		const text = [
			`insert into cards (card_id, customer_id, state, nonce, accepted_at, changed_at, prunable_at, verdict_run)
			${each} select 'crd_many' || i, ${owner}, 'removed', 'nonce' || i, i, i, 9e15, 'earlier' from n`,
			`insert into fingerprints ${each} select 'crd_many' || i, ${owner}, 'print' || i from n`,
			`insert into vault ${each} select 'crd_many' || i, ${owner}, 'kek', 'k', 's', i from n`,
		];
		for (const one of text) await env.BILLING_DB_00.prepare(one).bind(JSON.stringify(owners)).run();
	}
});

it("costs what test/costs/billing.md says; if the change is meant: npm run costs -- --update", async () => {
	await expect(sheet.table("billing")).toMatchFileSnapshot("../../test/costs/billing.md");
});
