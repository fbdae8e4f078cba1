import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import {
	type CardBody,
	CardHolder,
	cardRejected,
	cardsPath,
	cardVerified,
	submissionOf,
} from "../../../shared/testing/card-holder.ts";
import { CostSheet, costsOf } from "../../../shared/testing/counting.ts";
import { type Customer, givenNewcomer } from "../../../shared/testing/customers.ts";
import { done, identityThat, withIdentity } from "../../../shared/testing/fake-identity.ts";
import { batchOf } from "../../../shared/testing/messages.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import worker from "../index.ts";

const bindings = withIdentity(identityThat({ checkTrust: done }));
const sheet = new CostSheet<Cloudflare.Env>(bindings);
let ada: CardHolder;
beforeAll(async () => {
	await migrateDatabases();
	ada = new CardHolder(worker, await givenNewcomer());
	await fill(ada.customer, 20_000);
	for (let i = 0; i < 8; i++) await ada.givenVerified();
});

/** Cards that were removed and intents that were never used: more than one has, and on both sides of whatever id is drawn here. */
async function fill({ id, database }: Customer, count: number): Promise<void> {
	await database
		.prepare(
			`with recursive n(i) as (select 1 union all select i + 1 from n where i < ?1)
			insert into cards (id, customer_id, state, nonce, kid, expires_at, created_at, changed_at, prunable_at)
			select case i % 2 when 0 then 'crd_00!' else 'crd_00~' end || i, ?2, iif(i % 4 < 2, 'open', 'removed'), '', '',
				?3 - 1000 * i, ?3 + 1000 * i, ?3, ?3 * 2
			from n`,
		)
		.bind(count, id, Date.now())
		.run();
}

const key = { "idempotency-key": "counted" };

function fetching(method: string, path: string, expected: number, body?: object, headers: Record<string, string> = {}) {
	const own = ada.customer.headers({ "content-type": "application/json", ...headers });
	const init = { method, headers: own, ...(body ? { body: JSON.stringify(body) } : {}) };
	return async (counted: Cloudflare.Env, execution: ExecutionContext) => {
		const response = await worker.fetch(new Request(`https://customer.test${path}`, init), counted, execution);
		await response.text();
		expect(response.status, path).toBe(expected);
	};
}

describe("a customer with 8 cards, and 20,000 that were removed or never used", () => {
	it("opens an intent with one write and one question to identity; a second read only when there is none", async () => {
		const opened = await sheet.line("POST cards/intents", fetching("POST", `${cardsPath}/intents`, 201, {}, key));
		const again = await sheet.line("POST cards/intents, repeated", fetching("POST", `${cardsPath}/intents`, 201, {}, key));
		const { id: replaces } = (await ada.list())[0] as CardBody; // there are eight
		const replacing = fetching("POST", `${cardsPath}/intents`, 201, { replaces });
		await sheet.line("POST cards/intents, to replace one", replacing);
		const refused = await sheet.line("POST cards/intents, too many", fetching("POST", `${cardsPath}/intents`, 409, {}));

		expect(opened).toMatchObject({ d1Calls: 1, statements: 1, sends: 0, otherCalls: 1 });
		expect([again, refused]).toMatchObject([{ d1Calls: 2 }, { d1Calls: 2 }]);
		for (const { rowsRead } of [opened, again, refused]) expect(rowsRead).toBeLessThan(40);
		await ada.customer.database.prepare("update cards set expires_at = 0 where state = 'open'").run();
	});

	it("submits a card in one D1 batch, and asks identity nothing, whatever billing does", async () => {
		const body = await submissionOf(await ada.givenIntent());
		const slow = await submissionOf(await ada.givenIntent());
		const stuck = { ...bindings, BILLING_INFO: { sendBatch: () => new Promise<never>(() => {}) } as unknown as Queue }; // all that is used of it

		const taken = await sheet.line("POST cards", fetching("POST", cardsPath, 202, body));
		const again = await sheet.line("POST cards, repeated", fetching("POST", cardsPath, 202, body));
		const waiting = await costsOf(stuck, fetching("POST", cardsPath, 202, slow), "answer");
		const clear = await sheet.line(
			"POST cards, with a number in clear",
			fetching("POST", cardsPath, 422, { a: "4242424242424242" }),
		);

		expect(taken).toMatchObject({ d1Calls: 1, statements: 4, sends: 1, messages: 1, otherCalls: 0 });
		expect(again).toMatchObject({ d1Calls: 1, rowsWritten: 0, sends: 0 });
		const { d1Calls, statements, rowsRead, rowsWritten } = taken;
		expect(waiting).toMatchObject({ d1Calls, statements, rowsRead, rowsWritten });
		expect(clear).toMatchObject({ d1Calls: 0, otherCalls: 0 });
	});

	it("lists and removes them with one D1 call, which reads what there is to see", async () => {
		const [card] = await ada.list();
		const listed = await sheet.line("GET cards", fetching("GET", cardsPath, 200));
		const removed = await sheet.line("DELETE cards/{id}", fetching("DELETE", `${cardsPath}/${card?.id}`, 204));
		const again = await sheet.line("DELETE cards/{id}, repeated", fetching("DELETE", `${cardsPath}/${card?.id}`, 204));

		expect(listed).toMatchObject({ d1Calls: 1, statements: 1, rowsWritten: 0, otherCalls: 0 });
		expect(listed.rowsRead).toBeLessThan(30);
		expect(removed).toMatchObject({ d1Calls: 1, statements: 4, sends: 1, otherCalls: 1 });
		expect(again).toMatchObject({ d1Calls: 1, rowsWritten: 0, sends: 0 });
	});
});

describe("a queue batch of 100 verdicts", () => {
	it("is one D1 batch that reads and writes a few rows for each, whoever else has cards, and one send of e-mail requests", async () => {
		const holders: CardHolder[] = [];
		for (let i = 0; i < 10; i++) holders.push(new CardHolder(worker, await givenNewcomer()));
		const cards = await Promise.all(
			holders.flatMap((holder) => Array.from({ length: 10 }, async () => ({ holder, id: (await holder.givenCard()).id }))),
		);
		const first = await Promise.all(
			cards.map(({ holder, id }, i) => (i % 2 ? cardVerified(holder.customer.id, id) : cardRejected(holder.customer.id, id))),
		);
		const replacing = await Promise.all(
			cards.flatMap(({ holder, id }, i) => {
				const next = cards[i - 1]?.id;
				return i % 2 && next ? [cardVerified(holder.customer.id, id, { replaces: [next] })] : [];
			}),
		);
		const bringing = (messages: string[]) => (counted: Cloudflare.Env, execution: ExecutionContext) =>
			worker.queue(batchOf("billing-updates", messages), counted, execution);

		const costs = await sheet.line("100 verdicts, told each", bringing(first));
		const repeated = await sheet.line("100 verdicts, repeated", bringing(first));
		const replaced = await sheet.line("50 verdicts said again, each replacing a card", bringing(replacing));

		expect(costs).toMatchObject({ d1Calls: 1, messages: 100 + 1, otherCalls: 0 });
		expect(repeated).toMatchObject({ d1Calls: 1, messages: 1, rowsWritten: 0 });
		expect(replaced).toMatchObject({ d1Calls: 1, messages: 1 });
		expect(costs.rowsRead).toBeLessThan(30 * 100);
		expect(replaced.rowsRead).toBeLessThan(30 * 50);
		const { results } = await env.CUSTOMER_DB_00.prepare("select count(*) as n from cards where reason = 'replaced'").all();
		expect(results).toEqual([{ n: 50 }]);
	});
});

it("costs what test/costs/cards.md says; if the change is meant: npm run costs -- --update", async () => {
	await expect(sheet.table("customer")).toMatchFileSnapshot("../../../test/costs/cards.md");
});
