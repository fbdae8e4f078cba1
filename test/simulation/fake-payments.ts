import { hours, minutes, seconds } from "../../shared/time.ts";
import type {
	CardEntry,
	Charge,
	ChargeOutcome,
	PaymentProvider,
	Refund,
	RefundOutcome,
} from "../../workers/billing/provider/provider.ts";
import { type Behaviour, behaviourOf } from "./card-behaviour.ts";
import type { Cluster } from "./cluster.ts";
import type { Wire } from "./wire.ts";

/** From then on the provider has forgotten an idempotency key, and the same id is a second charge. */
const keysAreKept = 24 * hours;

/** Something that the provider has done, with what it says of it from when on. */
interface Entry<Asked, Outcome> {
	readonly asked: Asked;
	readonly madeAt: number;
	/** While it is not there yet, the outcome is pending. */
	readonly knownFrom: number;
	readonly outcome: Outcome;
}

export type ChargeEntry = Entry<Charge, Exclude<ChargeOutcome, { outcome: "pending" }>>;
export type RefundEntry = Entry<Refund, Exclude<RefundOutcome, { outcome: "pending" }>>;

const turned = (digits: string) => [...digits].map((digit) => 9 - Number(digit)).join("");
/** What the fake provider gives for a number: another text for each, in which the number cannot be found. */
export const tokenOf = (pan: string) => `token of ${turned(pan)}`;
const behindToken = (token: string): Behaviour => behaviourOf(turned(token.replace("token of ", "")));

/** No charge is less, in minor units of the one currency of these worlds. All contracts cost more. */
export const least = 50;

/**
 * What the payment provider has done, for ever: the witness of what was charged and given back. It keeps its own rules and
 * not ours, so that whoever asks a second time under an old key, or gives back more than there was, is found out.
 */
export class Ledger {
	readonly charges: ChargeEntry[] = [];
	readonly refunds: RefundEntry[] = [];
	/** What nobody may ask of a provider. */
	readonly violations = new Set<string>();
	readonly counts = { registered: 0, declined: 0, repeated: 0, lateCalls: 0, lookups: 0 };
	readonly #chargesOf = new Map<string, ChargeEntry[]>();
	readonly #refundsOf = new Map<string, RefundEntry[]>();
	/** Of each card the soft declines in a row. */
	readonly #declines = new Map<string, number>();

	register({ pan }: CardEntry): { readonly token: string } | { readonly declined: true } {
		const isDeclined = behaviourOf(pan).kind === "declined";
		this.counts[isDeclined ? "declined" : "registered"] += 1;
		return isDeclined ? { declined: true } : { token: tokenOf(pan) };
	}

	charge(asked: Charge, now: number): ChargeOutcome {
		if (!(asked.amountMinor >= least)) this.violations.add(`${asked.attemptId} charges ${asked.amountMinor}`);
		const made = this.#chargesOf.get(asked.attemptId) ?? [];
		const same = made.findLast(({ madeAt }) => now - madeAt < keysAreKept);
		if (same) return this.#again(same, asked, now);
		const entry = { asked, madeAt: now, ...this.#decide(asked, now) };
		this.charges.push(entry);
		this.#chargesOf.set(asked.attemptId, [...made, entry]);
		return seen(entry, now) ?? { outcome: "pending" };
	}

	/** As the provider's own rules are: another question under the same key is refused. */
	#again(entry: ChargeEntry, asked: Charge, now: number): ChargeOutcome {
		this.counts.repeated += 1;
		const { amountMinor, currency, token } = entry.asked;
		if (asked.amountMinor !== amountMinor || asked.currency !== currency || asked.token !== token) {
			throw new Error("the idempotency key was used for something else");
		}
		return seen(entry, now) ?? { outcome: "pending" };
	}

	#decide({ attemptId, token, amountMinor, currency }: Charge, now: number): Pick<ChargeEntry, "knownFrom" | "outcome"> {
		const behaviour = behindToken(token);
		const approved = {
			outcome: "approved",
			ref: `charge ${this.charges.length} of ${attemptId}`,
			amountMinor,
			currency,
		} as const;
		const soft = { outcome: "declined", decline: { kind: "soft", reason: "insufficient_funds" } } as const;
		if (behaviour.kind === "hard") {
			return { knownFrom: now, outcome: { outcome: "declined", decline: { kind: "hard", reason: behaviour.reason } } };
		}
		if (behaviour.kind === "soft") {
			const before = this.#declines.get(token) ?? 0;
			const isDeclined = before < behaviour.tries;
			this.#declines.set(token, isDeclined ? before + 1 : 0);
			return { knownFrom: now, outcome: isDeclined ? soft : approved };
		}
		if (behaviour.kind === "pending") {
			return { knownFrom: now + behaviour.for, outcome: behaviour.ends === "approved" ? approved : soft };
		}
		return { knownFrom: now, outcome: approved };
	}

	/** Looking up forgets nothing. */
	findCharge({ attemptId }: Charge, now: number): ChargeOutcome | undefined {
		this.counts.lookups += 1;
		const entry = this.#chargesOf.get(attemptId)?.at(-1);
		return entry && (seen(entry, now) ?? { outcome: "pending" });
	}

	refund(asked: Refund, now: number): RefundOutcome {
		const made = this.#refundsOf.get(asked.refundId) ?? [];
		const same = made.findLast(({ madeAt }) => now - madeAt < keysAreKept);
		if (same) {
			this.counts.repeated += 1;
			if (same.asked.amountMinor !== asked.amountMinor) throw new Error("the idempotency key was used for something else");
			return seen(same, now) ?? { outcome: "pending" };
		}
		const entry = { asked, madeAt: now, ...this.#decideRefund(asked, now) };
		this.refunds.push(entry);
		this.#refundsOf.set(asked.refundId, [...made, entry]);
		return seen(entry, now) ?? { outcome: "pending" };
	}

	#decideRefund({ refundId, chargeRef, amountMinor }: Refund, now: number): Pick<RefundEntry, "knownFrom" | "outcome"> {
		const charge = this.charges.find(({ outcome }) => outcome.outcome === "approved" && outcome.ref === chargeRef);
		const left = (charge?.asked.amountMinor ?? 0) - this.refundedOf(chargeRef);
		if (!(amountMinor > 0) || amountMinor > left) {
			this.violations.add(`${refundId} gives back ${amountMinor} of ${left} that are left of ${chargeRef}`);
			return { knownFrom: now, outcome: { outcome: "refused" } };
		}
		const behaviour = behindToken(charge?.asked.token ?? "");
		if (behaviour.kind === "no refunds") return { knownFrom: now, outcome: { outcome: "refused" } };
		const takes = behaviour.kind === "pending" ? behaviour.for : 0;
		return { knownFrom: now + takes, outcome: { outcome: "refunded", ref: `refund ${this.refunds.length} of ${refundId}` } };
	}

	findRefund({ refundId }: Refund, now: number): RefundOutcome | undefined {
		this.counts.lookups += 1;
		const entry = this.#refundsOf.get(refundId)?.at(-1);
		return entry && (seen(entry, now) ?? { outcome: "pending" });
	}

	/** What of a charge is given back, or about to be. */
	refundedOf(chargeRef: string): number {
		const given = this.refunds.filter(({ asked, outcome }) => asked.chargeRef === chargeRef && outcome.outcome === "refunded");
		return given.reduce((sum, { asked }) => sum + asked.amountMinor, 0);
	}
}

const seen = <Outcome>({ knownFrom, outcome }: Entry<unknown, Outcome>, now: number) => (now >= knownFrom ? outcome : undefined);

/**
 * The provider, as billing reaches it: over the wire, away at times, and with calls that arrive after their caller has given
 * up, within what a lease lasts.
 */
export function fakePayments(cluster: Cluster, call: Wire): PaymentProvider {
	const { ledger, world } = cluster;
	/** Within what a lease lasts, as long as a Worker may run. */
	const aWhile = () => {
		if (!world.random.chance(cluster.faults.slow)) return;
		return new Promise<void>((resolve) => world.after(world.random.between(1 * seconds, 14 * minutes), resolve));
	};
	const ask = async <T>(what: string, apply: () => T): Promise<T> => {
		await aWhile();
		return call(what, () => {
			if (!world.random.chance(cluster.faults.late / 2)) return apply();
			world.after(world.random.between(1 * seconds, 10 * minutes), () => {
				ledger.counts.lateCalls += 1;
				world.say(() => `the provider comes to ${what}, for which nobody waits any more`);
				try {
					apply();
				} catch {
					// it refuses what nobody hears any more
				}
			});
			throw new Error("no answer in time");
		});
	};
	const find = async <T>(what: string, apply: () => T): Promise<T> => {
		await aWhile();
		return call(what, apply);
	};
	return {
		register: (card) => call("card for the provider", () => ledger.register(card)),
		charge: (charge) => ask(`charge ${charge.attemptId}`, () => ledger.charge(charge, world.now)),
		findCharge: (charge) => find(`look-up of ${charge.attemptId}`, () => ledger.findCharge(charge, world.now)),
		refund: (refund) => ask(`refund ${refund.refundId}`, () => ledger.refund(refund, world.now)),
		findRefund: (refund) => find(`look-up of ${refund.refundId}`, () => ledger.findRefund(refund, world.now)),
	};
}
