import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { publicCardKey } from "../../../shared/testing/bindings.ts";
import { CardHolder, cardRejected, cardsPath, type IntentBody, submissionOf } from "../../../shared/testing/card-holder.ts";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { Customer, givenCustomer, outboxOf, sessionTokenOf } from "../../../shared/testing/customers.ts";
import { done, refusing } from "../../../shared/testing/fake-identity.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { minutes } from "../../../shared/time.ts";
import worker from "../index.ts";

beforeAll(migrateDatabases);
let ada: CardHolder;
beforeEach(async () => {
	ada = new CardHolder(worker, await givenCustomer());
});
afterEach(() => {
	vi.useRealTimers();
	vi.restoreAllMocks();
});

const key = (name: string) => ({ "idempotency-key": name });
const expire = ({ customer }: CardHolder) =>
	customer.database.prepare("update cards set expires_at = 0 where customer_id = ?").bind(customer.id).run();

describe("POST cards/intents", () => {
	it.each(["00", "01"])("answers 201 with what has to be sealed, and the key to seal it with (shard %s)", async (shard) => {
		const holder = new CardHolder(worker, await givenCustomer({ shard }));
		vi.useFakeTimers({ toFake: ["Date"], now: Math.floor(Date.now() / 1000) * 1000 + 999 });

		const { status, body } = await holder.intent<IntentBody>();

		expect(status).toBe(201);
		expect(body).toEqual({
			cardId: expect.stringMatching(`^crd_${shard}`),
			nonce: expect.stringMatching(/^[\w-]{22}$/),
			expiresAt: new Date(Date.now() - 999 + 10 * minutes).toISOString(),
			customerId: holder.customer.id,
			key: publicCardKey,
		});
		expect(Object.keys(body.key).sort()).toEqual(["crv", "kid", "kty", "x", "y"]);
	});

	it("shows and tells nothing yet", async () => {
		await ada.givenIntent();

		expect(await ada.list()).toEqual([]);
		expect(await outboxOf(ada.customer)).toEqual([]);
	});

	it("asks identity about this session, and takes no other answer than that it is trusted", async () => {
		const asked: object[] = [];
		const customer = await givenCustomer();
		const checkTrust = (input: object) => {
			asked.push(input);
			return done();
		};

		await new CardHolder(worker, customer, { checkTrust }).givenIntent();

		expect(asked).toEqual([{ customerId: customer.id, sessionId: customer.sessionId }]);
	});

	it.each([
		["not_fresh", 403, "session_not_fresh"],
		["held", 409, "change_held"],
		["signed_out", 401, "session_revoked"],
	])("is refused to a session that is %s", async (refused, status, code) => {
		const holder = new CardHolder(worker, await givenCustomer(), { checkTrust: refusing(refused) });
		const before = await contentsOf(holder.customer.database);

		expect(await holder.intent()).toMatchObject({ status, body: { code } });

		expect(await contentsOf(holder.customer.database)).toEqual(before);
	});

	it("is refused while identity is away, and to an answer that nobody understands", async () => {
		for (const answers of [{}, { checkTrust: () => ({ done: false }) }]) {
			const holder = new CardHolder(worker, await givenCustomer(), answers);
			expect(await holder.intent()).toMatchObject({ status: 503, body: { code: "unavailable" } });
		}
	});

	it("is refused to a session that was signed out in the shard alone", async () => {
		await ada.customer.signOut();
		const before = await contentsOf(ada.customer.database);

		expect(await ada.intent()).toMatchObject({ status: 401, body: { code: "session_revoked" } });

		expect(await contentsOf(ada.customer.database)).toEqual(before);
	});

	it.each(["", "[]", "nonsense", '[{"kty":"EC"}]'])("with %j for billing's keys answers 503, with an alarm", async (keys) => {
		const log = vi.spyOn(console, "log").mockImplementation(() => {});
		const holder = new CardHolder(worker, await givenCustomer(), { checkTrust: done }, { CARD_PUBLIC_KEYS: keys });

		expect(await holder.intent()).toMatchObject({ status: 503, body: { code: "unavailable" } });

		const lines = log.mock.calls.map(([line]) => JSON.parse(String(line)));
		expect(lines).toContainEqual(expect.objectContaining({ level: "alarm", message: "card_keys_missing" }));
		expect(holder.identity.asked).toEqual([]);
	});
});

describe("the same Idempotency-Key", () => {
	it("gives the same intent while it is open, and another customer another one", async () => {
		const first = await ada.intent<IntentBody>({}, key("one"));
		const again = await ada.intent<IntentBody>({}, key("one"));
		const other = await ada.intent<IntentBody>({}, key("two"));
		const theirs = await new CardHolder(worker, await givenCustomer()).intent<IntentBody>({}, key("one"));

		expect(again).toMatchObject({ status: 201, body: first.body });
		expect(new Set([first, other, theirs].map(({ body }) => body.cardId)).size).toBe(3);
		expect(new Set([first, other, theirs].map(({ body }) => body.nonce)).size).toBe(3);
	});

	it("gives the same intent of the key that it was given with, as long as that is known", async () => {
		const rotated = (...kids: string[]) => {
			const keys = kids.map((kid) => ({ ...publicCardKey, kid }));
			return new CardHolder(worker, ada.customer, { checkTrust: done }, { CARD_PUBLIC_KEYS: JSON.stringify(keys) });
		};
		const newer = "n".repeat(43);
		const first = await ada.intent<IntentBody>({}, key("one"));

		expect((await rotated(newer, publicCardKey.kid).intent({}, key("one"))).body).toEqual(first.body);
		expect(await rotated(newer).intent({}, key("one"))).toMatchObject({ status: 409, body: { code: "intent_closed" } });
		expect((await rotated(newer).intent<IntentBody>()).body.key.kid).toBe(newer);
	});

	it("for another wish is 422, and the first one stands", async () => {
		const { id: replaces } = await ada.givenVerified();
		const first = await ada.intent<IntentBody>({}, key("one"));

		expect(await ada.intent({ replaces }, key("one"))).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });

		expect((await ada.intent({}, key("one"))).body).toEqual(first.body);
	});

	it("after the intent was used, removed or is over: 409", async () => {
		const used = (await ada.intent<IntentBody>({}, key("used"))).body;
		await ada.submit(await submissionOf(used));
		await ada.remove((await ada.intent<IntentBody>({}, key("removed"))).body.cardId);
		await ada.intent({}, key("over"));
		await ada.customer.database.prepare("update cards set expires_at = ? where state = 'open'").bind(Date.now()).run();

		for (const name of ["used", "removed", "over"]) {
			expect(await ada.intent({}, key(name)), name).toMatchObject({ status: 409, body: { code: "intent_closed" } });
		}
	});

	it("is taken when ten cards are there by then, since it asks for nothing more", async () => {
		const first = await ada.intent<IntentBody>({}, key("one"));
		for (let i = 0; i < 9; i++) await ada.givenIntent();

		expect(await ada.intent({}, key("one"))).toMatchObject({ status: 201, body: first.body });
	});
});

describe("ten cards, open intents among them,", () => {
	it("are the most, and what is over or removed is none of them", async () => {
		for (let i = 0; i < 3; i++) await ada.givenIntent();
		await expire(ada);
		await ada.remove((await ada.givenCard()).id);

		const rejected = await ada.givenCard();
		await ada.bring(cardRejected(ada.customer.id, rejected.id));
		await ada.givenVerified();
		for (let i = 0; i < 4; i++) await ada.givenCard();
		for (let i = 0; i < 4; i++) await ada.givenIntent();

		expect(await ada.intent()).toMatchObject({ status: 409, body: { code: "too_many_cards" } });
		expect((await new CardHolder(worker, await givenCustomer()).intent()).status).toBe(201);
		await ada.remove(rejected.id);
		expect((await ada.intent()).status).toBe(201);
		expect((await ada.intent()).status).toBe(409);
	});

	it("are the most for requests at the same time too", async () => {
		const answers = await Promise.all(Array.from({ length: 14 }, () => ada.intent()));

		expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
		expect(answers.filter(({ body }) => body.code === "too_many_cards")).toHaveLength(4);
	});
});

describe("the card to be replaced", () => {
	it("is a verified one of this customer, and said to billing with the submission", async () => {
		const { id: replaces } = await ada.givenVerified();

		const card = await ada.givenCard({ replaces });

		expect(card).toMatchObject({ replaces });
		const [event] = (await outboxOf(ada.customer)).filter(({ event }) => event.includes(replaces) && event.includes(card.id));
		expect(JSON.parse(event?.event ?? "").data).toMatchObject({ cardId: card.id, replaces });
	});

	it("cannot be another customer's, an unknown one, an intent, or one in another state: 409, alike", async () => {
		const eve = new CardHolder(worker, await givenCustomer());
		const [theirs, submitted, open, removed] = [
			await eve.givenVerified(),
			await ada.givenCard(),
			await ada.givenIntent(),
			await ada.givenVerified(),
		];
		await ada.remove(removed.id);

		for (const replaces of [theirs.id, newId("crd", "00"), newId("crd", "01"), submitted.id, open.cardId, removed.id]) {
			expect(await ada.intent({ replaces })).toMatchObject({ status: 409, body: { code: "card_not_verified" } });
		}
	});

	it.each([[null], [7], ["x"], ["tkt_000aaaaaaaaaaaaaaaaaaaaaaaaa"], [{}]])("%j is no card: 422", async (replaces) => {
		expect(await ada.intent({ replaces })).toMatchObject({
			status: 422,
			body: { code: "invalid_field", errors: [{ field: "replaces" }] },
		});
	});
});

it("an intent is no card that can be read", async () => {
	const { cardId } = await ada.givenIntent();

	expect((await ada.browser.get(`${cardsPath}/${cardId}`)).status).toBe(404);
});

it("while identity is away, a token of ten minutes ago reads cards, and changes none", async () => {
	const { id } = await ada.givenCard();
	const submission = await submissionOf(await ada.givenIntent());
	const { customer } = ada;
	const claims = { sub: customer.id, sid: customer.sessionId };
	const token = await sessionTokenOf(claims, { issuedAt: Math.floor(Date.now() / 1000) - 600 });
	const aged = new CardHolder(worker, new Customer(customer.id, customer.sessionId, customer.shard, token), {});
	const before = await contentsOf(customer.database);

	expect(await aged.list()).toHaveLength(1);
	for (const answer of [await aged.intent(), await aged.submit(submission), await aged.remove(id)]) {
		expect(answer).toMatchObject({ status: 503, body: { code: "unavailable" } });
	}

	expect(await contentsOf(customer.database)).toEqual(before);
});
