import { beforeEach, describe, expect, it } from "vitest";
import { somePan } from "../../shared/testing/cards.ts";
import { rowsOf } from "../../shared/testing/database.ts";
import { customerId, newId } from "../../shared/testing/fixtures.ts";
import { days } from "../../shared/time.ts";
import { byId, CardsAtBilling, isRemoved, saidVerified, stands } from "./cards-at-billing.ts";

let cards: CardsAtBilling;
beforeEach(() => {
	cards = new CardsAtBilling();
});

const grace = customerId("00", "b");

describe("a card that its customer has removed", () => {
	it("is gone from the vault, and so is what was shown of it", async () => {
		const { cardId, message } = await cards.submit();
		await cards.deliver(message);
		await cards.told();
		await cards.deliver(await cards.remove(cardId));

		expect(await cards.rows()).toEqual([isRemoved(cardId)]);
		expect(await cards.sealed()).toEqual([]);
		expect(await cards.told()).toEqual([]);
		const shown = await rowsOf(cards.quanta.databases.billing00, "select brand, last4, exp_month, exp_year from cards");
		expect(shown).toEqual([{ brand: null, last4: null, exp_month: null, exp_year: null }]);
	});

	it.each(["before it comes", "in the batch in which it comes"])("%s is never sealed, and nobody is told", async (when) => {
		const { cardId, message } = await cards.submit();
		const removal = await cards.remove(cardId);
		if (when === "before it comes") {
			await cards.deliver(removal);
			await cards.deliver(message);
		} else await cards.deliver(message, removal);

		expect(await cards.rows()).toEqual([isRemoved(cardId)]);
		expect(await cards.sealed()).toEqual([]);
		expect(await cards.told()).toEqual([]);
	});

	it("stays removed when everything comes again and the inbox has forgotten it", async () => {
		const { cardId, event, message } = await cards.submit();
		const removal = await cards.remove(cardId);
		await cards.deliver(message);
		await cards.deliver(removal);
		const { inbox: _, ...before } = (await cards.contents())[0] ?? {};
		await cards.forgetInbox();
		cards.quanta.now += 1000;
		await cards.deliver(await cards.sign(event));
		await cards.deliver(removal, removal);

		const { inbox: __, ...after } = (await cards.contents())[0] ?? {};
		expect(after).toEqual(before);
	});

	it("is not removed by another customer", async () => {
		const { cardId, message } = await cards.submit();
		await cards.deliver(message);
		await cards.deliver(await cards.remove(cardId, grace));

		expect(await cards.rows()).toEqual([stands(cardId)]);
		expect(await cards.sealed()).toEqual([cardId]);
	});

	it("after it was rejected is removed", async () => {
		const { cardId, message } = await cards.submit({ last4: "0000" });
		await cards.deliver(message);
		await cards.deliver(await cards.remove(cardId));

		expect(await cards.rows()).toMatchObject([{ card_id: cardId, state: "removed" }]);
	});
});

describe("a card that is to be replaced", () => {
	const replacing = (cardId: string) => cards.submit({ pan: somePan.amex, replaces: cardId });

	it("is removed when the new one is verified, which says so", async () => {
		const old = await cards.submit();
		await cards.deliver(old.message);
		const next = await replacing(old.cardId);
		await cards.told();
		await cards.deliver(next.message);

		expect(await cards.told()).toEqual([saidVerified(next.cardId, [old.cardId])]);
		expect(await cards.rows()).toEqual(byId(stands(next.cardId), isRemoved(old.cardId, next.cardId)));
		expect(await cards.sealed()).toEqual([next.cardId]);
	});

	it("is not verified when it comes after the new one", async () => {
		const old = await cards.submit();
		const next = await replacing(old.cardId);
		await cards.deliver(next.message);
		await cards.deliver(old.message);

		expect(await cards.told()).toEqual([saidVerified(next.cardId, [old.cardId])]);
		expect(await cards.rows()).toEqual(byId(stands(next.cardId), isRemoved(old.cardId, next.cardId)));
		expect(await cards.sealed()).toEqual([next.cardId]);
	});

	it("stays when the new one is rejected", async () => {
		const old = await cards.submit();
		const next = await cards.submit({ pan: somePan.amex, replaces: old.cardId, last4: "0000" });
		await cards.deliver(old.message, next.message);

		expect(await cards.sealed()).toEqual([old.cardId]);
		expect(await cards.rows()).toEqual(expect.arrayContaining([stands(old.cardId)]));
	});

	it("stays when it is another customer's, and the new one says nothing of it", async () => {
		const theirs = await cards.submit({ customerId: grace });
		await cards.deliver(theirs.message);
		const next = await replacing(theirs.cardId);
		await cards.told();
		await cards.deliver(next.message);

		expect(await cards.told()).toEqual([saidVerified(next.cardId, [])]);
		expect(await cards.sealed()).toEqual([next.cardId, theirs.cardId].sort());
	});

	it("that was rejected is removed, and one that its customer has removed stays so", async () => {
		const [rejected, forgotten] = [await cards.submit({ last4: "0000" }), newId("crd", "00")];
		await cards.deliver(rejected.message, await cards.remove(forgotten));
		const [next, other] = [await replacing(rejected.cardId), await cards.submit({ replaces: forgotten })];
		await cards.deliver(next.message, other.message);

		const states = (await cards.rows()).map(({ card_id, state, replaced_by }) => [card_id, state, replaced_by]);
		expect(states).toContainEqual([rejected.cardId, "removed", next.cardId]);
		expect(states).toContainEqual([forgotten, "removed", null]);
	});

	it("of three in one batch that replace each other leaves the last, and every one that is gone is told", async () => {
		const first = await cards.submit({ pan: somePan.visa });
		const second = await cards.submit({ pan: somePan.jcb, replaces: first.cardId });
		const third = await cards.submit({ pan: somePan.amex, replaces: second.cardId });
		await cards.deliver(third.message, first.message, second.message);

		const gone = (await cards.told()).flatMap(({ data }) => data["replaces"]);
		expect(gone.sort()).toEqual([first.cardId, second.cardId].sort());
		expect(await cards.sealed()).toEqual([third.cardId]);
	});

	it("by an older entry of a number that stands already is removed, and what stands says both", async () => {
		const unwanted = await cards.submit({ pan: somePan.jcb });
		const older = await cards.submit({ replaces: unwanted.cardId });
		cards.quanta.now += 1000;
		const newer = await cards.submit();
		await cards.deliver(unwanted.message, newer.message);
		await cards.told();
		await cards.deliver(older.message);

		expect(await cards.told()).toEqual([saidVerified(newer.cardId, [older.cardId, unwanted.cardId])]);
		expect(await cards.sealed()).toEqual([newer.cardId]);
		expect(await cards.rows()).toEqual(
			byId(stands(newer.cardId), isRemoved(older.cardId, newer.cardId), isRemoved(unwanted.cardId, newer.cardId)),
		);
	});

	it("by an older entry of its own number is what stands, and stays", async () => {
		const newer = await cards.submit({ acceptedAt: cards.quanta.now + 1000 });
		const older = await cards.submit({ replaces: newer.cardId });
		cards.quanta.now += 1000;
		await cards.deliver(newer.message, older.message);

		expect(await cards.told()).toEqual([saidVerified(newer.cardId, [older.cardId])]);
		expect(await cards.rows()).toEqual(byId(stands(newer.cardId), isRemoved(older.cardId, newer.cardId)));
	});

	it("by itself stays", async () => {
		const cardId = newId("crd", "00");
		await cards.deliver((await cards.submit({ cardId, replaces: cardId })).message);

		expect(await cards.told()).toEqual([saidVerified(cardId, [])]);
		expect(await cards.sealed()).toEqual([cardId]);
	});
});

describe("what is forgotten", () => {
	it("is removed or rejected for 90 days, and whatever comes then cannot be charged", async () => {
		const [card, unseen, rejected] = [await cards.submit(), await cards.submit(), await cards.submit({ last4: "0000" })];
		await cards.deliver(card.message, await cards.remove(unseen.cardId), rejected.message);
		await cards.deliver(await cards.remove(card.cardId));
		await cards.forgetInbox();
		cards.quanta.now += 90 * days;
		await cards.prune();
		expect(await cards.rows()).toHaveLength(3);
		cards.quanta.now += 1;
		await cards.prune();
		expect(await cards.rows()).toEqual([]);

		await cards.told();
		for (const { event } of [card, unseen, rejected]) await cards.deliver(await cards.sign(event));
		const reasons = (await cards.told()).map(({ type, data }) => [type, data["reason"]]);
		expect(reasons).toEqual(Array.from({ length: 3 }, () => ["CardRejected", "stale"]));
		expect(await cards.sealed()).toEqual([]);
	});

	it("is never a verified card", async () => {
		const { cardId, message } = await cards.submit();
		await cards.deliver(message);
		cards.quanta.now += 400 * days;
		await cards.prune();

		expect(await cards.rows()).toEqual([stands(cardId)]);
		expect(await cards.sealed()).toEqual([cardId]);
	});
});
