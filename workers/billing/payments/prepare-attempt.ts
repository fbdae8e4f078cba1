import type { Shard } from "../../../shared/ids.ts";
import { describeError } from "../../../shared/log.ts";
import { tokenOf } from "../cards/token-of.ts";
import type { BillingCtx } from "../context.ts";
import { idempotentFor } from "../provider/provider.ts";
import type { Question, Token } from "./ask-provider.ts";
import type { AttemptBill, VaultCard } from "./picture.ts";
import { attemptIdOf, type Decided, numberOfNext } from "./rows.ts";

/** An attempt that the provider is to be asked about. */
export interface Asked extends Question, Pick<Decided, "period" | "customer"> {
	/** It is not in the database yet: without having been put there it is not asked about. */
	readonly begins: boolean;
	readonly bill: AttemptBill;
	readonly lookups: number;
}

interface Input extends Decided {
	readonly shard: Shard;
	readonly now: number;
	readonly chargeDelay: number;
}

/** What has to be known of an attempt before it begins or is looked up. Where its card cannot be opened none begins. */
export async function prepareAttempt(
	ctx: BillingCtx,
	{ period, customer, decision, shard, now, chargeDelay }: Input,
): Promise<Decided & { readonly asked: Asked | undefined }> {
	const rest = { period, customer, decision, asked: undefined };
	const { customerId, fromAt } = period;
	const invoicedBy = period.invoiced?.paymentId ?? null;
	if (decision.kind === "look_up") {
		const { attemptId, startedAt, lookups, totalMinor: amountMinor, currency, bill, card } = decision.attempt;
		if (!bill) return rest;
		const charge = { attemptId, amountMinor, currency, customerId, startedAt };
		const token = await openedOf(ctx, card);
		return {
			...rest,
			asked: { period, customer, bill, lookups, begins: false, mayExist: true, invoicedBy, charge, token },
		};
	}
	if (decision.kind !== "begin") return rest;
	const { bill, card } = decision;
	const token = await openedOf(ctx, card);
	if (card && !token) return { ...rest, decision: { kind: "hold", reason: "card_not_opened" } };
	const attemptId = await attemptIdOf(ctx, shard, period, numberOfNext(period));
	const charge = { attemptId, amountMinor: bill.totalMinor, currency: bill.currency, customerId, startedAt: now };
	// a database that was put back does not know of it, and the provider's key may be forgotten
	const mayExist = now >= fromAt + chargeDelay + idempotentFor;
	return {
		...rest,
		asked: { period, customer, bill, lookups: 0, begins: true, mayExist, invoicedBy, charge, token },
	};
}

/** Null without a card, and where it cannot be opened now. */
async function openedOf(ctx: BillingCtx, card: VaultCard | null): Promise<Token | null> {
	if (!card) return null;
	const { cardId, customerId, kekId, wrappedKey, sealedCard } = card;
	try {
		return await tokenOf(ctx, { cardId, customerId, kekId, wrappedKey, sealedCard });
	} catch (error) {
		ctx.log.warn("card_not_opened", { cardId, error: describeError(error) });
		return null;
	}
}
