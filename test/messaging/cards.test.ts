import { beforeEach, describe, expect, it } from "vitest";
import { somePan } from "../../shared/testing/cards.ts";
import { rowsOf } from "../../shared/testing/database.ts";
import { customerId } from "../../shared/testing/fixtures.ts";
import { tokenFor } from "../../shared/testing/payments.ts";
import { days } from "../../shared/time.ts";
import { byId, CardsAtBilling, isRemoved, saidVerified, stands } from "./cards-at-billing.ts";

let cards: CardsAtBilling;
beforeEach(() => {
	cards = new CardsAtBilling();
});

const ada = customerId("00");
const grace = customerId("00", "b");

describe("a card", () => {
	it("that is what it was said to be is sealed, opens again, and its customer is told", async () => {
		const { cardId, message } = await cards.submit({ sealed: { name: "Ada Example" } });

		await cards.deliver(message);

		const shown = { cardId, brand: "visa", last4: "4242", expMonth: 12, expYear: 2039 };
		const data = { ...shown, verifiedAt: cards.quanta.now, replaces: [] };
		expect(await cards.told()).toEqual([{ type: "CardVerified", subject: ada, data }]);
		expect(await cards.rows()).toEqual([stands(cardId)]);
		const [row] = await rowsOf<Record<string, string>>(cards.quanta.databases.billing00, "select * from vault");
		const sealed = { kekId: `${row?.["kek_id"]}`, wrappedKey: `${row?.["wrapped_key"]}`, sealedCard: `${row?.["sealed_card"]}` };
		const secret = { token: tokenFor(cardId), expMonth: 12, expYear: 2039 };
		expect(await cards.vault.open(sealed, { cardId, customerId: ada })).toEqual(secret);
		expect(cards.quanta.take("receipts-customer")).toHaveLength(1);
	});

	it("is nowhere in clear: neither its number nor what the browser sent, in no table and no log", async () => {
		const { event, message } = await cards.submit({ sealed: { name: "Ada Example" } });
		await cards.deliver(message);

		const kept = JSON.stringify([await cards.contents(), cards.quanta.log]);
		expect(kept).toContain(event.data.cardId);
		for (const secret of [somePan.visa, event.data.jwe, "Ada Example"]) expect(kept).not.toContain(secret);
	});

	it.each(Object.entries(somePan))("of %s is verified", async (brand, pan) => {
		const { cardId, message } = await cards.submit({ pan });

		await cards.deliver(message);

		const data = expect.objectContaining({ cardId, brand, last4: pan.slice(-4) });
		expect(await cards.told()).toEqual([{ type: "CardVerified", subject: ada, data }]);
	});

	it("comes again while a key is missing or is none, without a trace, and is verified when it is there", async () => {
		const { cardId, message } = await cards.submit();
		const before = await cards.contents();
		const keys = { ...cards.keys };
		const broken = JSON.stringify([{ ...JSON.parse(keys.CARD_KEYS)[0], x: "AAAA" }]);
		const missing = [
			{ CARD_KEYS: "" },
			{ CARD_KEYS: "[]" },
			{ CARD_KEYS: broken },
			{ VAULT_KEKS: "{}" },
			{ FINGERPRINT_KEY: "" },
		];
		for (const one of missing) {
			cards.keys = { ...keys, ...one };
			expect(await cards.attempt(message), JSON.stringify(Object.keys(one))).toEqual({ acknowledged: [], retried: [0] });
		}
		expect(await cards.contents()).toEqual(before);

		cards.keys = keys;
		await cards.deliver(message);
		expect(await cards.rows()).toEqual([stands(cardId)]);
	});

	it("whose batch a database refused is verified when it comes again, with one event", async () => {
		const { cardId, message } = await cards.submit();
		cards.quanta.databases.billing00.down = true;
		expect(await cards.attempt(message)).toEqual({ acknowledged: [], retried: [0] });
		cards.quanta.databases.billing00.down = false;
		cards.payments.meanwhile = () => {
			cards.quanta.databases.billing00.answersToLose = 1; // what is stored next is committed, and nobody knows
		};
		expect(await cards.attempt(message)).toEqual({ acknowledged: [], retried: [0] });
		await cards.deliver(message);

		expect(await rowsOf(cards.quanta.databases.billing00, "select type from outbox")).toEqual([{ type: "CardVerified" }]);
		expect(await cards.rows()).toEqual([stands(cardId)]);
	});
});

describe("two entries of one number by one customer", () => {
	const first = () => cards.submit({ acceptedAt: cards.quanta.now });
	const second = () => cards.submit({ acceptedAt: cards.quanta.now + 1000 });
	beforeEach(() => {
		cards.quanta.now += 5000;
	});

	it("are one card: the newer one stands, and says what it replaces", async () => {
		const [older, newer] = [await first(), await second()];
		await cards.deliver(older.message);
		expect(await cards.told()).toEqual([saidVerified(older.cardId)]);
		await cards.deliver(newer.message);

		expect(await cards.told()).toEqual([saidVerified(newer.cardId, [older.cardId])]);
		expect(await cards.rows()).toEqual(byId(stands(newer.cardId), isRemoved(older.cardId, newer.cardId)));
		expect(await cards.sealed()).toEqual([newer.cardId]);
	});

	it("are one card when the older one comes late: what stands is said again, with it", async () => {
		const [older, newer] = [await first(), await second()];
		await cards.deliver(newer.message);
		const [before] = await cards.told();
		cards.quanta.now += days;
		await cards.deliver(older.message);

		const replaces = [older.cardId];
		expect(await cards.told()).toEqual([{ ...before, data: { ...before?.data, replaces } }]);
		expect(await cards.rows()).toEqual(byId(stands(newer.cardId), isRemoved(older.cardId, newer.cardId)));
		expect(await cards.sealed()).toEqual([newer.cardId]);
	});

	it.each([[[0, 1]], [[1, 0]]])("are one card in one batch, in the order %j, and it is said once", async (order) => {
		const both = [await first(), await second()];
		const [older, newer] = both;
		await cards.deliver(...order.map((at) => both[at]?.message ?? ""));

		expect(await cards.told()).toEqual([saidVerified(newer?.cardId ?? "", [older?.cardId ?? ""])]);
		expect(await cards.rows()).toEqual(byId(stands(newer?.cardId ?? ""), isRemoved(older?.cardId ?? "", newer?.cardId ?? "")));
		expect(await cards.sealed()).toEqual([newer?.cardId]);
	});

	it("accepted in the same millisecond: the greater id stands, whichever comes first", async () => {
		const both = [await first(), await first()].sort((a, b) => (a.cardId < b.cardId ? -1 : 1));
		await cards.deliver(both[1]?.message ?? "");
		await cards.deliver(both[0]?.message ?? "");

		expect(await cards.sealed()).toEqual([both[1]?.cardId]);
	});

	it("of two customers are two cards", async () => {
		const [mine, theirs] = [await cards.submit(), await cards.submit({ customerId: grace })];
		await cards.deliver(mine.message, theirs.message);

		expect(await cards.rows()).toEqual(byId(stands(mine.cardId), stands(theirs.cardId)));
		expect(await cards.told()).toHaveLength(2);
	});

	it("of which the newer one was removed before the older one came are what is left: the older one", async () => {
		const [older, newer] = [await first(), await second()];
		await cards.deliver(newer.message);
		await cards.deliver(await cards.remove(newer.cardId));
		await cards.deliver(older.message);

		expect(await cards.sealed()).toEqual([older.cardId]);
	});
});
