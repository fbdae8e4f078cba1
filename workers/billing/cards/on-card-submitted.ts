import type { CardSubmitted } from "../../../shared/events/customer.ts";
import { consumption, type Examine } from "../../../shared/messaging/consumption.ts";
import { prepare } from "../../../shared/sql.ts";
import { days } from "../../../shared/time.ts";
import type { BillingCtx } from "../context.ts";
import { wakeForCard } from "../payments/wake.ts";
import { forgetReplaced, replaceNamed, replaceSameNumber } from "./replacements.ts";
import { selectSettled } from "./store.ts";
import { judge, judged, noteFingerprint, seal, tellRejected, tellStanding, tellVerified } from "./verdicts.ts";
import { verifyCard } from "./verify-card.ts";

/**
 * So long after it was accepted a card waits for a key that is not here: the customer Worker has just handed that key out, so
 * it is rather billing's configuration that is late, or was put back, than a key that was destroyed.
 */
const waitsForKey = 1 * days;

/**
 * Opens a card and tells the payment provider of it: the number goes nowhere else, and the provider's token is what is sealed.
 * Throws without keys, and while the provider is away; then the card comes again. A card that has its verdict is nothing to the
 * provider: repetitions pass while it is away, and a card that was removed is not made known to it again.
 */
const examine: Examine<BillingCtx> = async (ctx, { data, subject: customerId = "" }) => {
	const submitted = data as CardSubmitted; // its schema has parsed it
	const { cardId } = submitted;
	const opened = await ctx.cardKeys.open(submitted.jwe);
	const now = ctx.now();
	const hasNoKey = "failure" in opened && opened.failure === "key_retired";
	if (hasNoKey && now - submitted.acceptedAt < waitsForKey) throw new Error("the card key is not here");
	const verified = verifyCard({ opened, submitted, customerId, now });
	if ("reason" in verified) return verified;
	if (await isSettled(ctx, cardId, customerId)) return {};
	const { card } = verified;
	const owner = { cardId, customerId };
	const fingerprint = await ctx.vault.fingerprint(card.pan, customerId);
	const registered = await ctx.payments.register(card, owner);
	if ("declined" in registered) return { reason: "declined" };
	const { expMonth, expYear } = card;
	return { ...(await ctx.vault.seal({ token: registered.token, expMonth, expYear }, owner)), fingerprint };
};

async function isSettled(ctx: BillingCtx, cardId: string, customerId: string): Promise<boolean> {
	const shard = ctx.databases.locate(customerId);
	if (shard === undefined) return true; // it is not stored, and comes again
	const { results } = await prepare(ctx.databases.get(shard), selectSettled, { cardId, customerId }).all();
	return results.length > 0;
}

/**
 * A card gets its verdict, once and for ever: its id is the natural key, whatever comes of it later or removed it before it
 * came. Of several entries of one number by one customer the one that was accepted last stands, in whatever order they
 * come; what stands is said again when that takes an older one away. A card that the customer wants replaced is removed
 * with the verification of the new one, and if it has not come yet there is a tombstone.
 */
export const onCardSubmitted = consumption<BillingCtx>("CardSubmitted", {
	examine,
	effects: [
		judge,
		noteFingerprint,
		replaceSameNumber,
		tellRejected,
		tellVerified,
		tellStanding,
		replaceNamed,
		seal,
		...forgetReplaced,
		wakeForCard(`select w.customer_id from ${judged} where w.state = 'verified'`),
	],
});
