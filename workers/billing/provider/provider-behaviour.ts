import { beforeEach, describe, expect, it } from "vitest";
import { type IdPrefix, idOf } from "../../../shared/ids.ts";
import type { CardEntry, Charge, ChargeOutcome, Decline, PaymentProvider, Refund } from "./provider.ts";

/** What the bank of a card says: `refused` already when the provider is told of it, `undecided` until `decide`. */
export type BankAnswer = "yes" | "refused" | "undecided" | Decline;

/** What becomes of the next request to the provider: lost before or after it was done, or answered and not done. */
export type Mishap = "request lost" | "answer lost" | "busy" | "out of order" | "malformed";

/** A provider whose banks and whose line to it can be told what to do. */
export interface ProviderWorld {
	readonly provider: PaymentProvider;
	/** A card of which the bank will say this. */
	cardThat(answer: BankAnswer): CardEntry;
	/** Of the next request. */
	befall(mishap: Mishap): void | Promise<void>;
	/** Whatever no bank had decided is approved. */
	decide(): void | Promise<void>;
	/** From now on no refund can be given. */
	refuseRefunds(): void | Promise<void>;
	/** Money that was taken and not given back, in minor units. */
	taken(): number | Promise<number>;
}

const newId = (prefix: IdPrefix) => idOf(prefix, "00", crypto.getRandomValues(new Uint8Array(16)));
const mishaps: readonly Mishap[] = ["request lost", "answer lost", "busy", "out of order", "malformed"];
const declines: readonly Decline[] = [
	{ kind: "soft", reason: "insufficient_funds" },
	{ kind: "soft", reason: "card_declined" },
	{ kind: "hard", reason: "card_expired" },
	{ kind: "hard", reason: "card_declined" },
];

/** What everybody who charges cards has to do: the port's promises, for an adapter before its server. (The local sandbox decides by the card alone and has tests of its own.) */
export function describeProvider(name: string, make: () => ProviderWorld): void {
	describe(`the payment provider ${name}`, () => {
		let world: ProviderWorld;
		let card: CardEntry;
		const owner = () => ({ cardId: newId("crd"), customerId: newId("cus") });
		beforeEach(() => {
			world = make();
			card = world.cardThat("yes");
		});

		async function tokenOf(entry: CardEntry): Promise<string> {
			const registered = await world.provider.register(entry, owner());
			if (!("token" in registered)) throw new Error("declined");
			return registered.token;
		}
		async function chargeOf(entry: CardEntry): Promise<Charge> {
			const token = await tokenOf(entry);
			const ids = { attemptId: newId("att"), customerId: newId("cus") };
			return { ...ids, token, amountMinor: 1_999, currency: "EUR", startedAt: Date.now() };
		}
		async function refundOf(charged: Charge, amountMinor: number): Promise<Refund> {
			const outcome = await world.provider.findCharge(charged);
			const chargeRef = refOf(outcome);
			return { refundId: newId("rfd"), chargeRef, amountMinor, currency: charged.currency, startedAt: Date.now() };
		}
		const refOf = (outcome: ChargeOutcome | undefined) => {
			if (outcome?.outcome !== "approved") throw new Error("not approved");
			return outcome.ref;
		};
		/** What a promise is rejected with: it has to be, and says nothing of the card. */
		async function failureOf(work: Promise<unknown>): Promise<Error> {
			const error: unknown = await work.then(
				() => undefined,
				(thrown: unknown) => thrown,
			);
			if (!(error instanceof Error)) throw new Error("it was not rejected with an error");
			expect(everythingOf(error)).not.toContain(card.pan);
			return error;
		}

		it("gives a token that charges the card, and says nothing of its number", async () => {
			const token = await tokenOf(card);
			expect(token).not.toContain(card.pan);
			const outcome = await world.provider.charge({ ...(await chargeOf(card)), token });
			const taken = { amountMinor: 1_999, currency: "EUR" };
			expect(outcome).toEqual({ outcome: "approved", ref: expect.stringMatching(/./), ...taken });
			expect(await world.taken()).toBe(1_999);
		});

		it("registers the same card id again and again with tokens that do the same", async () => {
			const mine = owner();
			for (const registered of [await world.provider.register(card, mine), await world.provider.register(card, mine)]) {
				if (!("token" in registered)) throw new Error("declined");
				const charged = await world.provider.charge({ ...(await chargeOf(card)), token: registered.token });
				expect(charged).toMatchObject({ outcome: "approved" });
			}
		});

		it("declines a card of which the bank will have nothing, and again", async () => {
			const mine = owner();
			const refused = world.cardThat("refused");
			expect(await world.provider.register(refused, mine)).toEqual({ declined: true });
			expect(await world.provider.register(refused, mine)).toEqual({ declined: true });
		});

		it.each(mishaps)("rejects a registration whose outcome is not known (%s); the same again is registered", async (mishap) => {
			const mine = owner();
			await world.befall(mishap);
			await failureOf(world.provider.register(card, mine));
			expect(await world.provider.register(card, mine)).toEqual({ token: expect.stringMatching(/./) });
		});

		it("charges the same id once, whatever comes twice or at the same time", async () => {
			const charge = await chargeOf(card);
			const first = await world.provider.charge(charge);
			const others = await Promise.all([world.provider.charge(charge), world.provider.charge(charge)]);
			expect(others).toEqual([first, first]);
			expect(await world.provider.findCharge(charge)).toEqual(first);
			expect(await world.taken()).toBe(1_999);
		});

		it("charges another id again, and finds each by its own", async () => {
			const first = await chargeOf(card);
			const second = { ...first, attemptId: newId("att") };
			const refs = [refOf(await world.provider.charge(first)), refOf(await world.provider.charge(second))];
			expect(new Set(refs).size).toBe(2);
			expect([await world.provider.findCharge(first), await world.provider.findCharge(second)].map(refOf)).toEqual(refs);
			expect(await world.taken()).toBe(2 * 1_999);
		});

		it("finds a charge by its id whichever card made it", async () => {
			const charge = await chargeOf(card);
			const outcome = await world.provider.charge(charge);
			const token = await tokenOf(world.cardThat("yes"));
			expect(await world.provider.findCharge({ ...charge, token, startedAt: charge.startedAt + 86_400_000 })).toEqual(outcome);
		});

		it.each(declines)("says that a bank declined, and how: $kind, $reason; the same when it is looked up", async (decline) => {
			const charge = await chargeOf(world.cardThat(decline));
			const declined = { outcome: "declined", decline };
			expect(await world.provider.charge(charge)).toEqual(declined);
			expect(await world.provider.charge(charge)).toEqual(declined);
			expect(await world.provider.findCharge(charge)).toEqual(declined);
			expect(await world.taken()).toBe(0);
		});

		it("refuses less than can be charged, and does nothing: the card is not declined", async () => {
			const charge = { ...(await chargeOf(card)), amountMinor: 1 };
			expect(await world.provider.charge(charge)).toEqual({ outcome: "refused", reason: "amount_too_small" });
			expect(await world.provider.charge(charge)).toEqual({ outcome: "refused", reason: "amount_too_small" });
			expect(await world.provider.findCharge(charge)).toBeUndefined();
			expect(await world.taken()).toBe(0);
		});

		it("says that it does not know yet, and later what it came to", async () => {
			const charge = await chargeOf(world.cardThat("undecided"));
			expect(await world.provider.charge(charge)).toEqual({ outcome: "pending" });
			expect(await world.provider.findCharge(charge)).toEqual({ outcome: "pending" });
			await world.decide();
			expect(await world.provider.findCharge(charge)).toMatchObject({ outcome: "approved" });
		});

		it("has no charge of an id that it was never asked for", async () => {
			expect(await world.provider.findCharge(await chargeOf(card))).toBeUndefined();
		});

		it.each(mishaps)(
			"rejects a charge whose outcome is not known (%s); it is found if it was made, and never made twice",
			async (mishap) => {
				const charge = await chargeOf(card);
				await world.befall(mishap);
				await failureOf(world.provider.charge(charge));
				const wasMade = mishap === "answer lost";
				const found = await world.provider.findCharge(charge);
				expect(found?.outcome).toBe(wasMade ? "approved" : undefined);
				expect(await world.taken()).toBe(wasMade ? 1_999 : 0);
				expect(await world.provider.charge(charge)).toMatchObject({ outcome: "approved" });
				expect(await world.taken()).toBe(1_999);
			},
		);

		it.each(mishaps)("rejects a look-up that fails (%s): that is not the same as to have none", async (mishap) => {
			const charge = await chargeOf(card);
			await world.provider.charge(charge);
			await world.befall(mishap);
			await failureOf(world.provider.findCharge(charge));
		});

		it("gives back in parts, each once, and never more than was taken", async () => {
			const charge = await chargeOf(card);
			await world.provider.charge(charge);
			const part = await refundOf(charge, 500);
			const given = await world.provider.refund(part);
			expect(given).toEqual({ outcome: "refunded", ref: expect.stringMatching(/./) });
			expect(await world.provider.refund(part)).toEqual(given);
			expect(await world.provider.findRefund(part)).toEqual(given);
			expect(await world.taken()).toBe(1_499);
			expect(await world.provider.refund(await refundOf(charge, 1_500))).toEqual({ outcome: "refused" });
			expect(await world.provider.refund(await refundOf(charge, 1_499))).toMatchObject({ outcome: "refunded" });
			expect(await world.taken()).toBe(0);
		});

		it("says that it cannot give back", async () => {
			const charge = await chargeOf(card);
			await world.provider.charge(charge);
			await world.refuseRefunds();
			const refund = await refundOf(charge, 500);
			expect(await world.provider.refund(refund)).toEqual({ outcome: "refused" });
			expect(await world.taken()).toBe(1_999);
		});

		it("has no refund of an id that it was never asked for", async () => {
			const charge = await chargeOf(card);
			await world.provider.charge(charge);
			expect(await world.provider.findRefund(await refundOf(charge, 500))).toBeUndefined();
		});

		it.each(mishaps)(
			"rejects a refund whose outcome is not known (%s); it is found if it was given, and never given twice",
			async (mishap) => {
				const charge = await chargeOf(card);
				await world.provider.charge(charge);
				const refund = await refundOf(charge, 500);
				await world.befall(mishap);
				await failureOf(world.provider.refund(refund));
				const wasGiven = mishap === "answer lost";
				expect((await world.provider.findRefund(refund))?.outcome).toBe(wasGiven ? "refunded" : undefined);
				expect(await world.provider.refund(refund)).toMatchObject({ outcome: "refunded" });
				expect(await world.taken()).toBe(1_499);
				await world.befall(mishap);
				await failureOf(world.provider.findRefund(refund));
			},
		);
	});
}

/** All that a log or a console could show of an error. */
export function everythingOf(error: unknown): string {
	if (!(error instanceof Error)) return JSON.stringify(error);
	const own = Object.getOwnPropertyNames(error).map((name) => String(Reflect.get(error, name)));
	return [
		error.name,
		error.stack,
		JSON.stringify(error),
		...own,
		error.cause === undefined ? "" : everythingOf(error.cause),
	].join("\n");
}
