import { exportJWK, generateKeyPair } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { cardKey } from "../../shared/testing/bindings.ts";
import { newNonce, somePan } from "../../shared/testing/cards.ts";
import { rowsOf } from "../../shared/testing/database.ts";
import { customerId, newId } from "../../shared/testing/fixtures.ts";
import { days, minutes, seconds } from "../../shared/time.ts";
import { CardsAtBilling } from "./cards-at-billing.ts";

let cards: CardsAtBilling;
beforeEach(() => {
	cards = new CardsAtBilling();
});

const ada = customerId("00");
const grace = customerId("00", "b");
const another = "another-nonce-22-chars";
const ofNoBrand = "9999999999999995"; // a true check digit, and of no brand
const strangersKey = async () => exportJWK((await generateKeyPair("ECDH-ES", { crv: "P-256", extractable: true })).publicKey);

type Submission = NonNullable<Parameters<CardsAtBilling["submit"]>[0]>;

/** Each way to be rejected, beside the one that everything else is right. */
const faults: Record<string, [reason: string, submission: () => Submission | Promise<Submission>]> = {
	"no JWE at all": ["schema", () => ({ jwe: "4242424242424242" })],
	"sealed for somebody else's key under our key's name": [
		"schema",
		async () => ({ sealed: { key: { ...(await strangersKey()), kid: cardKey.kid } } }),
	],
	"another typ": ["schema", () => ({ sealed: { header: { typ: "JWT" } } })],
	"no typ": ["schema", () => ({ sealed: { header: { typ: undefined } } })],
	"another field in its header": ["schema", () => ({ sealed: { header: { cty: "JSON" } } })],
	"no card in its header": ["schema", () => ({ sealed: { header: { cid: undefined } } })],
	"another content encryption": ["schema", () => ({ sealed: { header: { enc: "A128GCM" } } })],
	"row 5: another customer in its header": ["binding", () => ({ sealed: { header: { sub: grace } } })],
	"row 5: another customer in its payload": ["binding", () => ({ sealed: { payload: { sub: grace } } })],
	"row 5: another customer in both": ["binding", () => ({ sealed: { payload: { sub: grace }, header: { sub: grace } } })],
	"another card in its header": ["binding", () => ({ sealed: { header: { cid: newId("crd", "00") } } })],
	"another card in its payload": ["binding", () => ({ sealed: { payload: { cid: newId("crd", "00") } } })],
	"another nonce": ["binding", () => ({ sealed: { payload: { nonce: another } } })],
	"no nonce": ["binding", () => ({ sealed: { payload: { nonce: undefined } } })],
	"sealed 61 seconds after it was accepted": ["stale", () => ({ sealed: { now: cards.quanta.now + 61 * seconds } })],
	"accepted a second after the end of its intent": ["stale", () => ({ sealed: { exp: cards.quanta.now - seconds } })],
	"accepted 15 days and a millisecond ago": ["stale", () => ({ acceptedAt: cards.quanta.now - 15 * days - 1 })],
	"no times": ["schema", () => ({ sealed: { payload: { iat: undefined } } })],
	"an end that is no number": ["schema", () => ({ sealed: { payload: { exp: "9999999999" } } })],
	"another version": ["schema", () => ({ sealed: { payload: { v: 2 } } })],
	"another audience": ["schema", () => ({ sealed: { payload: { aud: "somebody" } } })],
	"a field that is not known, as a CVC": ["schema", () => ({ sealed: { payload: { cvc: "123" } } })],
	"a number that is no text": ["schema", () => ({ sealed: { payload: { pan: 4242424242424242 } } })],
	"a month that there is not": ["schema", () => ({ sealed: { payload: { expMonth: 13 } } })],
	"a name without end": ["schema", () => ({ sealed: { name: "x".repeat(101) } })],
	"a wrong check digit": ["luhn", () => ({ pan: "4242424242424241", brand: "visa" })],
	"spaces in its number": ["luhn", () => ({ sealed: { pan: "4242 4242 4242 4242" } })],
	"a number of the wrong length for its brand": ["luhn", () => ({ sealed: { pan: "42424242424242" } })],
	"an empty number": ["luhn", () => ({ sealed: { pan: "" } })],
	"a brand that is not taken": ["brand", () => ({ sealed: { pan: ofNoBrand } })],
	"a month that is over": ["expired", () => ({ expMonth: 10, expYear: 2026 })],
	"another brand than was shown": ["mismatch", () => ({ brand: "jcb" })],
	"other digits than were shown": ["mismatch", () => ({ last4: "4243" })],
	"another month than was shown": ["mismatch", () => ({ sealed: { expMonth: 11 } })],
	"another year than was shown": ["mismatch", () => ({ sealed: { expYear: 2038 } })],
};

describe("a card is rejected, its customer is told why, and nothing of it is kept:", () => {
	for (const [name, [reason, submission]] of Object.entries(faults)) {
		it(name, async () => {
			const given = await submission();
			const { cardId, event, message } = await cards.submit(given);

			await cards.deliver(message);

			const data = { cardId, reason, rejectedAt: cards.quanta.now };
			expect(await cards.told()).toEqual([{ type: "CardRejected", subject: ada, data }]);
			expect(await cards.rows()).toEqual([{ card_id: cardId, state: "rejected", reason, replaced_by: null }]);
			expect(await cards.sealed()).toEqual([]);
			const kept = JSON.stringify([await cards.contents(), cards.quanta.log]);
			for (const secret of [given.sealed?.pan || given.pan || somePan.visa, event.data.jwe]) expect(kept).not.toContain(secret);
			const shown = await rowsOf(cards.quanta.databases.billing00, "select brand, last4, exp_month, exp_year from cards");
			expect(shown).toEqual([{ brand: null, last4: null, exp_month: null, exp_year: null }]);
		});
	}

	it("row 7: its key was retired a millisecond before it was submitted", async () => {
		cards.retireKey(cards.quanta.now - 1);
		const { message } = await cards.submit();
		await cards.deliver(message);

		expect((await cards.told()).map(({ data }) => data["reason"])).toEqual(["key_retired"]);
		expect(await cards.sealed()).toEqual([]);
	});

	it("row 7: its key has been destroyed", async () => {
		const { message } = await cards.submit({ acceptedAt: cards.quanta.now - days, sealed: { header: { kid: "gone" } } });
		await cards.deliver(message);

		expect((await cards.told()).map(({ data }) => data["reason"])).toEqual(["key_retired"]);
	});

	it("but not yet while it is of the last day and its key is not here: it comes again, and is verified with its key", async () => {
		const { event, message } = await cards.submit();
		const { keys } = cards;
		cards.keys = { ...keys, CARD_KEYS: JSON.stringify([{ ...cardKey, kid: "another" }]) };
		expect(await cards.attempt(message)).toMatchObject({ acknowledged: [], retried: [0] });
		cards.quanta.now += days - 1;
		const again = await cards.sign(event);
		expect(await cards.attempt(again)).toMatchObject({ acknowledged: [], retried: [0] });
		expect(await cards.told()).toEqual([]);
		expect(await cards.rows()).toEqual([]);

		cards.keys = keys;
		await cards.deliver(again);

		expect((await cards.told()).map(({ type }) => type)).toEqual(["CardVerified"]);
	});

	it("of two faults for the first one: whose it is, when, under which key, and only then what it says", async () => {
		cards.retireKey(0);
		const [stale, cvc] = [{ exp: cards.quanta.now - seconds }, { cvc: "123" }];
		const given: Submission[] = [
			{ sealed: { ...stale, header: { typ: "JWT", sub: grace } } },
			{ sealed: { ...stale, payload: { ...cvc, sub: grace } } },
			{ sealed: { ...stale, payload: cvc } },
			{ sealed: { payload: cvc } },
		];
		const told = [];
		for (const submission of given) {
			await cards.deliver((await cards.submit(submission)).message);
			told.push((await cards.told())[0]?.data["reason"]);
		}
		cards.retireKey(cards.quanta.now);
		const [expired, pan] = [{ expMonth: 10, expYear: 2026, brand: "jcb" as const }, "4242424242424241"];
		for (const submission of [{ pan, ...expired, sealed: { payload: cvc } }, { pan, ...expired }, expired]) {
			await cards.deliver((await cards.submit(submission)).message);
			told.push((await cards.told())[0]?.data["reason"]);
		}
		expect(told).toEqual(["schema", "binding", "stale", "key_retired", "schema", "luhn", "expired"]);
	});
});

describe("a card is still verified", () => {
	const verify = async (submission: Submission) => {
		await cards.deliver((await cards.submit(submission)).message);
		expect((await cards.told()).map(({ type }) => type)).toEqual(["CardVerified"]);
	};

	it("row 7: submitted at the moment when its key was retired, and opened 15 days later", async () => {
		cards.retireKey(cards.quanta.now);
		const { event } = await cards.submit();
		cards.quanta.now += 15 * days;
		await cards.deliver(await cards.sign(event));
		expect((await cards.told()).map(({ type }) => type)).toEqual(["CardVerified"]);
	});

	it("of a browser whose clock is a minute ahead", () => verify({ sealed: { now: cards.quanta.now + 60 * seconds } }));

	it("accepted within the last second of its intent", () => {
		const acceptedAt = cards.quanta.now + 999;
		return verify({ acceptedAt, sealed: { now: acceptedAt - 10 * minutes, exp: acceptedAt } });
	});

	it("in the last millisecond of its month, and not in the next one", async () => {
		cards.quanta.now = Date.UTC(2026, 11, 1) - 1;
		await verify({ expMonth: 11, expYear: 2026 });
		const late = await cards.submit({ expMonth: 11, expYear: 2026 });
		cards.quanta.now += 1;
		await cards.deliver(late.message);
		expect((await cards.told()).map(({ data }) => data["reason"])).toEqual(["expired"]);
	});
});

it("row 5: the ciphertext of one customer sent by another is rejected, and the true one is verified all the same", async () => {
	const mine = await cards.submit();
	const stolen = await cards.submit({ customerId: grace, jwe: mine.event.data.jwe });
	await cards.deliver(stolen.message, mine.message);

	const told = (await cards.told()).map(({ type, subject, data }) => [type, subject, data["cardId"], data["reason"]]);
	expect(told).toContainEqual(["CardRejected", grace, stolen.cardId, "binding"]);
	expect(told).toContainEqual(["CardVerified", ada, mine.cardId, undefined]);
});

it.each(["in one batch", "one after the other"])(
	"a nonce is for one card, %s: the second is rejected as `binding`",
	async (how) => {
		const nonce = newNonce();
		const [first, second] = [await cards.submit({ nonce }), await cards.submit({ nonce, acceptedAt: cards.quanta.now + 1 })];
		if (how === "in one batch") await cards.deliver(second.message, first.message);
		else {
			await cards.deliver(first.message);
			await cards.deliver(second.message);
		}

		const told = (await cards.told()).map(({ type, data }) => [type, data["cardId"], data["reason"]]);
		expect(told).toHaveLength(2);
		expect(told).toContainEqual(["CardVerified", first.cardId, undefined]);
		expect(told).toContainEqual(["CardRejected", second.cardId, "binding"]);
		expect(await cards.sealed()).toEqual([first.cardId]);
	},
);
