import { setTimeout as wait } from "node:timers/promises";
import { someNumber } from "../../shared/testing/card-numbers.ts";
import { sealedCard, someExpiry } from "../../shared/testing/cards.ts";
import { Random } from "../../shared/testing/random.ts";
import { minutes } from "../../shared/time.ts";
import { insist, type Target } from "./insist.ts";
import { type NewCustomer, signInAnew } from "./sign-in.ts";

/** A good card whose submission was acknowledged, and perhaps its removal. */
export interface EnteredCard {
	readonly cardId: string;
	readonly customerId: string;
	removed: boolean;
}

/** A customer may have ten. */
const cardsEach = 6;
/** Milliseconds: a session token is good for five minutes, and a request may be repeated for one and a half. */
const sessionFor = 3 * minutes;

interface Intent {
	readonly cardId: string;
	readonly nonce: string;
	readonly expiresAt: string;
	readonly customerId: string;
	readonly key: { readonly kty: string; readonly crv: string; readonly kid: string; readonly x: string; readonly y: string };
}

/**
 * Customers who enter cards until `isOver`, each number once, and remove some: at once, or when billing may have them. Only
 * somebody who has just signed in may, so each is new.
 */
export async function cardHolders(
	target: Target,
	{ name, seed, isOver }: { name: string; seed: number; isOver: () => boolean },
): Promise<EnteredCard[]> {
	const random = new Random(seed);
	const entered: EnteredCard[] = [];
	let failure = "";
	for (let n = 1; !isOver(); n++) {
		const since = Date.now();
		const email = `${name}-${n}@penultimate.example`;
		const customer = await signInAnew(target, email).catch((error: unknown) => {
			failure = String(error);
			target.failed += 1;
		});
		if (!customer) await wait(300);
		const own: EnteredCard[] = [];
		for (let i = 1; customer && i <= cardsEach && !isOver() && Date.now() - since < sessionFor; i++) {
			own.push(await enter(target, customer, { key: `${name}-${n}-${i}`, pan: someNumber(random) }));
			const card = own[random.between(0, own.length)];
			if (card && random.chance(0.3)) await remove(target, customer, card);
			await wait(random.between(20, 200));
		}
		entered.push(...own);
	}
	if (entered.length === 0) throw new Error(`nobody came to enter a card; the last sign-in: ${failure}`);
	return entered;
}

/** A card of this number, by an intent of its own. */
export async function enter(
	target: Target,
	{ token }: NewCustomer,
	{ key, pan }: { key: string; pan: string },
): Promise<EnteredCard> {
	const authorization = `Bearer ${token}`;
	const { body: intent } = await insist<Intent>(target, {
		worker: "customer",
		path: "/api/v1/cards/intents",
		headers: { authorization, "idempotency-key": key },
		body: {},
		until: [201],
	});
	const { cardId, customerId } = intent;
	const jwe = await sealedCard({ ...intent, exp: Date.parse(intent.expiresAt), pan });
	const body = { cardId, jwe, brand: "visa", last4: pan.slice(-4), ...someExpiry };
	await insist(target, { worker: "customer", path: "/api/v1/cards", headers: { authorization }, body, until: [202] });
	return { cardId, customerId, removed: false };
}

async function remove(target: Target, { token }: NewCustomer, card: EnteredCard): Promise<void> {
	const headers = { authorization: `Bearer ${token}` };
	const path = `/api/v1/cards/${card.cardId}`;
	await insist(target, { worker: "customer", method: "DELETE", path, headers, until: [204] });
	card.removed = true;
}
