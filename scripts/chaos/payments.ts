import { setTimeout as wait } from "node:timers/promises";
import { someNumber } from "../../shared/testing/card-numbers.ts";
import { Random } from "../../shared/testing/random.ts";
import { enter } from "./cards.ts";
import { insist, type Target } from "./insist.ts";
import { type NewCustomer, signInAnew } from "./sign-in.ts";

/** A customer whose plan was signed and whose good card was taken: each month that has begun is to be paid, once. */
export interface Payer {
	readonly customerId: string;
	/** A month, before tax. */
	readonly priceMinor: number;
	readonly months: number;
}

/** A customer with a plan and without a card. */
export interface Subscriber extends NewCustomer {
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
	const [first, ...others] = await offers(target);
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
		paying.push({ customerId: customer.customerId, priceMinor: offer.price.amountMinor, months: 1 });
	}
	if (paying.length === 0) throw new Error(`nobody came to sign a plan; the last sign-in: ${failure}`);
	return paying;
}

/** So many new customers who sign a plan. Resolves when billing waits for their cards. */
export async function subscribers(target: Target, { name, count }: { name: string; count: number }): Promise<Subscriber[]> {
	const [offer] = await offers(target);
	const signed: Subscriber[] = [];
	for (let n = 1; n <= count; n++) {
		const customer = await signInAnew(target, `${name}-${n}@penultimate.example`);
		await sign(target, customer, offer);
		signed.push({ ...customer, priceMinor: offer.price.amountMinor });
	}
	for (const { customerId } of signed) await known(target, customerId);
	return signed;
}

/** Resolves when billing has the plan. */
async function known(target: Target, customerId: string): Promise<void> {
	const headers = { "cf-access-jwt-assertion": target.staffToken };
	const wish = { worker: "billing", path: `/api/v1/customers/${customerId}/periods`, headers, until: [200, 404] } as const;
	for (let i = 0; i < 300; i++) {
		const { body } = await insist<{ items?: unknown[] }>(target, wish);
		if (body.items?.length) return;
		await wait(200);
	}
	throw new Error(`billing has not heard of the plan of ${customerId}`);
}

/** Each enters a good card, at once or a little later: `months` are to be paid then. */
export const payArrears = (
	target: Target,
	customers: readonly Subscriber[],
	{ seed, months }: { seed: number; months: number },
): Promise<Payer[]> => {
	const random = new Random(seed);
	return Promise.all(
		customers.map(async (customer) => {
			const card = { key: `arrears-${customer.customerId}`, pan: someNumber(random) };
			await wait(random.between(0, 4000));
			await enter(target, customer, card);
			return { customerId: customer.customerId, priceMinor: customer.priceMinor, months };
		}),
	);
};

async function offers(target: Target): Promise<[Offer, ...Offer[]]> {
	const { body } = await insist<{ contracts: Offer[] }>(target, {
		worker: "customer",
		path: "/api/v1/contracts",
		headers: {},
		until: [200],
	});
	const [first, ...others] = body.contracts;
	if (!first) throw new Error("nothing is on offer");
	return [first, ...others];
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
