import { beforeAll, expect, it } from "vitest";
import { type CardBody, CardHolder, cardsPath, submissionOf } from "../../../shared/testing/card-holder.ts";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { type Answer, databaseOf, givenCustomer, type ProblemBody } from "../../../shared/testing/customers.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import worker from "../index.ts";

beforeAll(migrateDatabases);

/** Every operation that takes the id of a card, and what it answers when there is none. */
const operations: Record<string, [status: number, ask: (me: CardHolder, id: string) => Promise<Answer<ProblemBody>>]> = {
	"DELETE cards/{id}": [404, (me, id) => me.remove(id)],
	"POST cards/intents that replaces it": [409, (me, id) => me.intent({ replaces: id })],
	"POST cards": [409, async (me, cardId) => me.submit(await submissionOf({ ...(await me.givenIntent()), cardId }))],
};

it.each(
	Object.keys(operations).flatMap((operation) =>
		["open", "submitted", "verified"].flatMap((state) => [
			{ operation, state, mine: "00", theirs: "00" },
			{ operation, state, mine: "01", theirs: "01" },
			{ operation, state, mine: "00", theirs: "01" },
		]),
	),
)("row 1: $operation of another customer's $state card ($mine asks, $theirs owns) is answered as if absent", async (given) => {
	const [status, ask] = operations[given.operation] ?? [];
	const me = new CardHolder(worker, await givenCustomer({ shard: given.mine }));
	const owner = new CardHolder(worker, await givenCustomer({ shard: given.theirs }));
	const id = {
		open: async () => (await owner.givenIntent()).cardId,
		submitted: async () => (await owner.givenCard()).id,
		verified: async () => (await owner.givenVerified()).id,
	}[given.state];
	const cardId = (await id?.()) ?? "";
	const before = await contentsOf(databaseOf(given.theirs));
	const theirs = (contents: typeof before) =>
		contents.map(({ cards, outbox }) => ({
			outbox,
			cards: cards?.filter((card) => (card as { customer_id: string }).customer_id === owner.customer.id),
		}));

	const answer = await ask?.(me, cardId);
	const absent = await ask?.(me, newId("crd", given.theirs));

	expect(answer?.status).toBe(status);
	expect([answer?.status, answer?.text]).toEqual([absent?.status, absent?.text]);
	expect(theirs(await contentsOf(databaseOf(given.theirs)))).toEqual(theirs(before));
});

it("row 1: a list shows the cards of its own customer only, whatever cursor it is asked with", async () => {
	const me = new CardHolder(worker, await givenCustomer());
	const other = new CardHolder(worker, await givenCustomer());
	const mine = await me.givenCard();
	for (let i = 0; i < 2; i++) await other.givenCard();
	const page = (await other.browser.get<{ items: CardBody[]; next: string }>(`${cardsPath}?limit=1`)).body;

	for (const query of ["", `?cursor=${page.next}`, `?customerId=${other.customer.id}`]) {
		expect((await me.list(query)).every(({ id }) => id === mine.id)).toBe(true);
	}
	expect(await me.list()).toEqual([mine]);
});
