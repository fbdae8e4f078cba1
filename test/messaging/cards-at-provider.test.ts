import { beforeEach, describe, expect, it } from "vitest";
import { somePan } from "../../shared/testing/cards.ts";
import { rowsOf } from "../../shared/testing/database.ts";
import { customerId } from "../../shared/testing/fixtures.ts";
import { tokenFor } from "../../shared/testing/payments.ts";
import { tokenOf } from "../../workers/billing/cards/token-of.ts";
import type { CardSecret, NumberSecret, SealedCard } from "../../workers/billing/vault/vault.ts";
import { billingPorts, CardsAtBilling, stands } from "./cards-at-billing.ts";

let cards: CardsAtBilling;
beforeEach(() => {
	cards = new CardsAtBilling();
});

const ada = customerId("00");

/** What is in the vault, as it is sealed and opened. */
async function inVault(): Promise<{ sealed: SealedCard; secret: CardSecret | NumberSecret }[]> {
	const text = `select card_id as cardId, customer_id as customerId, kek_id as kekId, wrapped_key as wrappedKey,
		sealed_card as sealedCard from vault`;
	const rows = await rowsOf<SealedCard & { cardId: string; customerId: string }>(cards.quanta.databases.billing00, text);
	return Promise.all(rows.map(async (sealed) => ({ sealed, secret: await cards.vault.open(sealed, sealed) })));
}

describe("the payment provider", () => {
	it("is told of a card once it is verified, and what the vault keeps is its token alone", async () => {
		const { cardId, message } = await cards.submit({ sealed: { name: "Ada Example" } });

		await cards.deliver(message);

		expect(cards.payments.asked).toEqual([cardId]);
		expect(await inVault()).toMatchObject([{ secret: { token: tokenFor(cardId), expMonth: 12, expYear: 2039 } }]);
	});

	it("declines a card: its customer hears so, and nothing of it is kept", async () => {
		cards.payments.declines.add(somePan.visa);
		const { cardId, message } = await cards.submit();

		await cards.deliver(message);

		expect(await cards.rows()).toEqual([{ card_id: cardId, state: "rejected", reason: "declined", replaced_by: null }]);
		expect(await cards.sealed()).toEqual([]);
		const data = { cardId, reason: "declined", rejectedAt: cards.quanta.now };
		expect(await cards.told()).toEqual([{ type: "CardRejected", subject: ada, data }]);
	});

	it("hears nothing of a card that is rejected without it", async () => {
		const { message } = await cards.submit({ last4: "1111" });
		await cards.deliver(message);

		expect(await cards.rows()).toMatchObject([{ reason: "mismatch" }]);
		expect(cards.payments.asked).toEqual([]);
	});

	it("is away: the card waits without a trace, disturbs no other message, and is verified when it is back", async () => {
		const [card, wrong] = [await cards.submit(), await cards.submit({ last4: "1111" })];
		cards.payments.away = true;

		expect(await cards.attempt(card.message, wrong.message)).toEqual({ acknowledged: [1], retried: [0] });
		expect(cards.quanta.logged("alarm")).toEqual(["event_not_examined"]);
		expect(await cards.rows()).toMatchObject([{ card_id: wrong.cardId, reason: "mismatch" }]);
		expect(JSON.stringify([await cards.contents(), cards.quanta.log])).not.toContain(somePan.visa);

		cards.payments.away = false;
		await cards.deliver(card.message);
		expect(await cards.sealed()).toEqual([card.cardId]);
	});

	it("is not asked again for a card that has its verdict, so that repetitions pass while it is away", async () => {
		cards.payments.declines.add(somePan.jcb);
		const [good, bad] = [await cards.submit(), await cards.submit({ pan: somePan.jcb })];
		await cards.deliver(good.message, bad.message);
		const before = await inVault();
		await cards.forgetInbox();
		cards.payments.away = true;

		await cards.deliver(good.message, bad.message);

		expect(cards.payments.asked.toSorted()).toEqual([good.cardId, bad.cardId].sort());
		expect(await inVault()).toEqual(before);
		expect(cards.quanta.logged("alarm")).toEqual([]);
	});

	it("does not hear again of a card that was removed, whether before it came or after", async () => {
		const [early, late] = [await cards.submit(), await cards.submit({ pan: somePan.jcb })];
		await cards.deliver(await cards.remove(early.cardId));
		await cards.deliver(early.message, late.message);
		await cards.deliver(await cards.remove(late.cardId));
		await cards.forgetInbox();
		await cards.deliver(late.message);

		expect(cards.payments.asked).toEqual([late.cardId]);
		expect(await cards.sealed()).toEqual([]);
	});

	it("hears nothing of an erased customer", async () => {
		await cards.quanta.databases.billing00.prepare("insert into erased_customers values (?, 1)").bind(ada).run();
		await cards.deliver((await cards.submit()).message);

		expect(cards.payments.asked).toEqual([]);
		expect(await cards.sealed()).toEqual([]);
	});

	it("is told again of a card whose batch failed, under the same id", async () => {
		const { cardId, message } = await cards.submit();
		cards.payments.meanwhile = () => {
			cards.quanta.databases.billing00.down = true;
		};
		expect(await cards.attempt(message)).toEqual({ acknowledged: [], retried: [0] });
		cards.quanta.databases.billing00.down = false;
		cards.payments.meanwhile = () => {};
		await cards.deliver(message);

		expect(cards.payments.asked).toEqual([cardId, cardId]);
		expect(await cards.rows()).toEqual([stands(cardId)]);
	});

	it("was told of a card that is removed in that moment: it does not come into the vault", async () => {
		const { cardId, message } = await cards.submit();
		const removal = await cards.remove(cardId);
		cards.payments.meanwhile = () => cards.deliver(removal);

		await cards.deliver(message);

		expect(await cards.rows()).toMatchObject([{ card_id: cardId, state: "removed" }]);
		expect(await cards.sealed()).toEqual([]);
	});
});

describe("a card that was sealed with its number", () => {
	const former = { pan: somePan.visa, expMonth: 12, expYear: 2039, name: "Ada Example" };
	const ctx = () => Object.assign(cards.quanta.ctx("billing"), billingPorts(cards.keys, cards.payments));

	/** As it was before there was a payment provider: its customer has confirmed it long ago. */
	async function given() {
		const { cardId, message } = await cards.submit();
		await cards.deliver(message);
		const owner = { cardId, customerId: ada };
		const sealed = await cards.vault.seal(former as unknown as CardSecret, owner); // of the release before
		await cards.quanta.databases.billing00
			.prepare("update vault set kek_id = ?, wrapped_key = ?, sealed_card = ? where card_id = ?")
			.bind(sealed.kekId, sealed.wrappedKey, sealed.sealedCard, cardId)
			.run();
		cards.payments.asked.splice(0);
		return { ...owner, ...sealed };
	}

	it("is charged by a token from then on, and its number is gone", async () => {
		const card = await given();

		expect(await tokenOf(ctx(), card)).toEqual({ token: tokenFor(card.cardId) });

		const secret = { token: tokenFor(card.cardId), expMonth: 12, expYear: 2039 };
		expect(await inVault()).toMatchObject([{ secret }]);
		const [now] = await inVault();
		cards.payments.away = true; // nobody is asked twice
		expect(await tokenOf(ctx(), { ...card, ...now?.sealed })).toEqual({ token: secret.token });
		expect(JSON.stringify([await cards.contents(), cards.quanta.log])).not.toContain(card.sealedCard);
	});

	it("keeps its number while the provider is away, and when it does not take the card", async () => {
		const card = await given();
		cards.payments.away = true;
		await expect(tokenOf(ctx(), card)).rejects.toThrow("away");
		cards.payments.away = false;
		cards.payments.declines.add(former.pan);
		expect(await tokenOf(ctx(), card)).toEqual({ declined: true });

		expect(await inVault()).toMatchObject([{ secret: former }]);
	});

	it("that is removed in that moment stays away", async () => {
		const card = await given();
		const removal = await cards.remove(card.cardId);
		cards.payments.meanwhile = () => cards.deliver(removal);

		await tokenOf(ctx(), card);

		expect(await cards.sealed()).toEqual([]);
	});

	it("that another run replaces in that moment has one token, and opens", async () => {
		const card = await given();
		let others = 1;
		let byOther: unknown;
		cards.payments.meanwhile = async () => {
			if (others-- > 0) {
				await tokenOf(ctx(), card);
				[byOther] = await inVault();
			}
		};

		expect(await tokenOf(ctx(), card)).toEqual({ token: tokenFor(card.cardId) });
		expect(byOther).toBeDefined();
		expect(await inVault()).toEqual([byOther]);
	});

	it("that is wrapped anew in that moment loses its number all the same", async () => {
		const card = await given();
		cards.payments.meanwhile = async () => {
			const { kekId, wrappedKey } = await cards.vault.rewrap(card, card);
			const text = "update vault set kek_id = ?, wrapped_key = ?";
			await cards.quanta.databases.billing00.prepare(text).bind(kekId, wrappedKey).run();
		};

		await tokenOf(ctx(), card);

		expect(await inVault()).toMatchObject([{ secret: { token: tokenFor(card.cardId) } }]);
	});
});
