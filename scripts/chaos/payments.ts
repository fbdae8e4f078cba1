import { setTimeout as wait } from "node:timers/promises";
import { someNumber } from "../../shared/testing/card-numbers.ts";
import { Random } from "../../shared/testing/random.ts";
import { enter } from "./cards.ts";
import { insist, type Target } from "./insist.ts";
import { type NewCustomer, signInAnew } from "./sign-in.ts";

/** A customer whose plan was signed and whose good card was taken: their first period is to be paid, once. */
export interface Payer {
	readonly customerId: string;
	/** A month, before tax. */
	readonly priceMinor: number;
}

interface Offer {
	readonly contractId: string;
	readonly version: number;
	readonly price: { readonly amountMinor: number };
}

/** New customers who sign a plan and enter a card, in either order, until `isOver`. */
export async function payers(
	target: Target,
	{ name, seed, isOver }: { name: string; seed: number; isOver: () => boolean },
): Promise<Payer[]> {
	const random = new Random(seed);
	const paying: Payer[] = [];
	const { body } = await insist<{ contracts: Offer[] }>(target, {
		worker: "customer",
		path: "/api/v1/contracts",
		headers: {},
		until: [200],
	});
	const [first, ...others] = body.contracts;
	if (!first) throw new Error("nothing is on offer");
	let failure = "";
	for (let n = 1; !isOver(); n++) {
		const key = `${name}-${n}`;
		const customer = await signInAnew(target, `${key}@penultimate.example`).catch((error: unknown) => {
			failure = String(error);
			target.failed += 1;
		});
		if (!customer) {
			await wait(300);
			continue;
		}
		const offer = random.pick([first, ...others]);
		const steps = [() => sign(target, customer, offer), () => enter(target, customer, { key, pan: someNumber(random) })];
		if (random.chance(0.5)) steps.reverse();
		for (const step of steps) {
			await step();
			await wait(random.between(20, 400));
		}
		paying.push({ customerId: customer.customerId, priceMinor: offer.price.amountMinor });
	}
	if (paying.length === 0) throw new Error(`nobody came to sign a plan; the last sign-in: ${failure}`);
	return paying;
}

async function sign(target: Target, { token }: NewCustomer, { contractId, version }: Offer): Promise<void> {
	await insist(target, {
		worker: "customer",
		method: "PUT",
		path: "/api/v1/plan",
		headers: { authorization: `Bearer ${token}` },
		body: { lines: [{ contractId, version }] },
		until: [200],
	});
}
