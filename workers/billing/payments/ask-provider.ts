import { describeError } from "../../../shared/log.ts";
import type { BillingCtx } from "../context.ts";
import { type Charge, type ChargeOutcome, type Decline, idempotentFor } from "../provider/provider.ts";

/** Workers keep at most six connections open at once: https://developers.cloudflare.com/workers/platform/limits/ */
const lanes = 6;

/** What the provider is asked about an attempt. */
export interface Question {
	readonly charge: Omit<Charge, "token">;
	/** Of its card: the provider's token, or that it has none for it; null while that is not to be had. */
	readonly token: Token | null;
	/** It may have been asked for before: then what has become of it is found out first. */
	readonly mayExist: boolean;
	/** The attempt by which its period was paid, when that is known: then it is looked for, and nothing is charged. */
	readonly invoicedBy: string | null;
}
export type Token = { readonly token: string } | { readonly declined: true };

export type Answer =
	/** `ref`: null when there was nothing to pay. */
	| { readonly outcome: "approved"; readonly ref: string | null }
	| { readonly outcome: "declined"; readonly decline: Decline }
	/** The provider has none, and it is too late to ask under the same key; or it was another attempt that was paid. */
	| { readonly outcome: "given_up" }
	/** The provider makes no such charge, whatever the card. */
	| { readonly outcome: "refused"; readonly reason: string }
	/** The provider has it, but of another amount: under this id something else was charged, before a database was put back. */
	| { readonly outcome: "charged_otherwise"; readonly ref: string }
	| { readonly outcome: "unknown" };

const cardRefused: Answer = { outcome: "declined", decline: { kind: "hard", reason: "card_declined" } };

/** Runs `work` on all items, six beside each other, and gives the results in their order. */
export async function inLanes<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
	const results = new Array<Result>(items.length);
	const left = [...items.entries()].reverse();
	const lane = async () => {
		for (let next = left.pop(); next; next = left.pop()) results[next[0]] = await work(next[1]);
	};
	await Promise.all(Array.from({ length: lanes }, lane));
	return results;
}

/** What has become of an attempt; `unknown` when the provider does not say. */
export async function askProvider(ctx: BillingCtx, question: Question): Promise<Answer> {
	const { charge, invoicedBy } = question;
	if (invoicedBy !== null && invoicedBy !== charge.attemptId) return { outcome: "given_up" };
	if (charge.amountMinor === 0) return { outcome: "approved", ref: null };
	try {
		const answer = await ask(ctx, question);
		if (answer.outcome === "charged_otherwise") {
			ctx.log.alarm("charged_otherwise", { customerId: charge.customerId, paymentId: charge.attemptId });
		}
		if (answer.outcome === "refused") {
			const { customerId, attemptId: paymentId } = charge;
			ctx.log.alarm("charge_refused", { customerId, paymentId, reason: answer.reason });
		}
		return answer;
	} catch (error) {
		ctx.log.warn("payment_unknown", { paymentId: charge.attemptId, error: describeError(error) });
		return { outcome: "unknown" };
	}
}

async function ask(ctx: BillingCtx, { charge, token, mayExist, invoicedBy }: Question): Promise<Answer> {
	const of = { ...charge, token: token && "token" in token ? token.token : "" };
	const found = mayExist || invoicedBy !== null ? await ctx.payments.findCharge(of) : undefined;
	if (invoicedBy !== null && (!found || found.outcome === "declined")) return { outcome: "given_up" };
	if (found) return answerOf(found, charge);
	if (ctx.now() - charge.startedAt >= idempotentFor) return { outcome: "given_up" };
	if (!token) return { outcome: "unknown" };
	if ("declined" in token) return cardRefused;
	return answerOf(await ctx.payments.charge(of), charge);
}

/** An invoice says what was charged, or there is none. */
function answerOf(outcome: ChargeOutcome, asked: Pick<Charge, "amountMinor" | "currency">): Answer {
	switch (outcome.outcome) {
		case "approved": {
			const { ref, amountMinor, currency } = outcome;
			const isWhatWasAsked = amountMinor === asked.amountMinor && currency === asked.currency;
			return { outcome: isWhatWasAsked ? "approved" : "charged_otherwise", ref };
		}
		case "declined":
		case "refused":
			return outcome;
		case "pending":
			return { outcome: "unknown" };
		default:
			return outcome satisfies never;
	}
}
