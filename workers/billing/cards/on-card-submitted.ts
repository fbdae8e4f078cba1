import type { CardSubmitted } from "../../../shared/events/customer.ts";
import { consumption, type Examine } from "../../../shared/messaging/consumption.ts";
import { days } from "../../../shared/time.ts";
import type { BillingCtx } from "../context.ts";
import { wakeForCard } from "../payments/wake.ts";
import { forgetReplaced, replaceNamed, replaceSameNumber } from "./replacements.ts";
import { judge, judged, noteFingerprint, seal, tellRejected, tellStanding, tellVerified } from "./verdicts.ts";
import { verifyCard } from "./verify-card.ts";

/**
 * So long after it was accepted a card waits for a key that is not here: the customer Worker has just handed that key out, so
 * it is rather billing's configuration that is late, or was put back, than a key that was destroyed.
 */
const waitsForKey = 1 * days;

/** Opens a card and seals it again: the number goes nowhere else. Throws without keys, and then the card comes again. */
const examine: Examine<BillingCtx> = async (ctx, { data, subject: customerId = "" }) => {
	const submitted = data as CardSubmitted; // its schema has parsed it
	const opened = await ctx.cardKeys.open(submitted.jwe);
	const now = ctx.now();
	const hasNoKey = "failure" in opened && opened.failure === "key_retired";
	if (hasNoKey && now - submitted.acceptedAt < waitsForKey) throw new Error("the card key is not here");
	const verified = verifyCard({ opened, submitted, customerId, now });
	if ("reason" in verified) return verified;
	const { card } = verified;
	const sealed = await ctx.vault.seal(card, { cardId: submitted.cardId, customerId });
	return { ...sealed, fingerprint: await ctx.vault.fingerprint(card.pan, customerId) };
};

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
