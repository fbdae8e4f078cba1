import type { PlantedBug } from "./catch-bug.ts";

/** From a card's intent to the vault, and back to its customer: bugs that somebody could write there. */
export const plantedBugsOfCards: readonly PlantedBug[] = [
	{
		name: "a card that was removed before it came leaves no tombstone",
		file: "workers/billing/cards/on-card-removed.ts",
		find: "from ${admitted} where true",
		replace: 'from ${admitted} where exists (select 1 from cards where card_id = ${said("cardId")})',
	},
	{
		name: "a verdict brings a removed card back to its customer",
		file: "workers/customer/cards/on-card-verified.ts",
		find: "cards.state in ('open', 'submitted')`,",
		replace: "cards.state in ('open', 'submitted', 'removed')`,",
	},
	{
		name: "a card is told of as often as billing says it",
		file: "workers/customer/cards/verdict.ts",
		find: "where: `c.verdict_run = ${verdictRun}`,",
		replace: "where: `c.verdict_run is not null`,",
	},
	{
		name: "a card that another one took the place of stays with its customer",
		file: "workers/customer/cards/on-card-verified.ts",
		find: "where state <> 'removed' and (id, customer_id) in (",
		replace: "where state = 'submitted' and (id, customer_id) in (",
	},
	{
		name: "an intent has no end",
		file: "workers/customer/cards/store.ts",
		find: "state = 'open' and expires_at > :now and kid = :kid",
		replace: "state = 'open' and kid = :kid",
	},
	{
		name: "a signed-out session still submits a card",
		file: "workers/customer/cards/store.ts",
		find: "and kid = :kid and ${notRevoked}`);",
		replace: "and kid = :kid`);",
	},
	{
		name: "a removal is told to nobody",
		file: "workers/customer/cards/remove-card.ts",
		find: "		emit: emitChange,\n",
		replace: '		emit: { ...emitChange, text: emitChange.text.replace("changes() = 1", "false") },\n',
	},
	{
		name: "the nonce of another intent will do",
		file: "workers/billing/cards/verify-card.ts",
		find: "isBound && nonce === intended ?",
		replace: "isBound && typeof nonce === typeof intended ?",
	},
	{
		name: "a card waits for as long as it takes, and is taken",
		file: "workers/billing/cards/verify-card.ts",
		find: "&& now - acceptedAt <= longestAge ?",
		replace: "&& now - acceptedAt <= 100 * longestAge ?",
	},
	{
		name: "what a browser says of its time is believed",
		file: "workers/billing/cards/verify-card.ts",
		find: "return iat - clockSkew <= accepted &&",
		replace: "return iat - clockSkew * 100 <= accepted &&",
	},
	{
		name: "a key that is retired takes cards all the same",
		file: "workers/billing/cards/verify-card.ts",
		find: "submitted.acceptedAt > opened.retiredAt",
		replace: "submitted.acceptedAt > opened.retiredAt + 60 * days",
	},
	{
		name: "a key that is retired opens nothing any more",
		file: "workers/billing/cards/verify-card.ts",
		find: "submitted.acceptedAt > opened.retiredAt",
		replace: "now > opened.retiredAt",
	},
	{
		name: "a card that expires while it waits is taken",
		file: "workers/billing/cards/verify-card.ts",
		find: "isExpired(card, now)",
		replace: "isExpired(card, now - 31 * days)",
	},
	{
		name: "what the customer was shown of a card need not be true",
		file: "workers/billing/cards/verify-card.ts",
		find: " && shown.last4 === pan.slice(-4)",
		replace: "",
	},
	{
		name: "a number twice is two cards",
		file: "workers/billing/cards/replacements.ts",
		find: "entry.standing <> entry.card_id`;",
		replace: "entry.standing <> entry.card_id and entry.standing is null`;",
	},
	{
		name: "of one number the card stands that came last",
		file: "workers/billing/cards/replacements.ts",
		find: "order by c.accepted_at desc, c.card_id desc)",
		replace: "order by c.changed_at desc, c.accepted_at desc, c.card_id desc)",
	},
	{
		name: "a card that was replaced stays in the vault",
		file: "workers/billing/cards/replacements.ts",
		find: 'join cards as c on c.card_id = ${said("replaces")}',
		replace: "join cards as c on c.card_id is null",
	},
	{
		name: "the customer does not hear that an older card was not wanted any more",
		file: "workers/billing/cards/verdicts.ts",
		find: "where: `w.state = 'removed' and (",
		replace: "where: `w.state = 'rejected' and (",
	},
	{
		name: "what is said of a card is not guarded by its verdict",
		file: "workers/billing/cards/verdicts.ts",
		find: " and w.verdict_run = ${verdict}`;",
		replace: "`;",
	},
	{
		name: "a fingerprint outlives its card",
		file: "workers/billing/cards/store.ts",
		find: "	`delete from fingerprints where card_id in (${cardIds})`,\n",
		replace: "",
	},
	{
		name: "cards are found again by their numbers as they are",
		file: "workers/billing/cards/on-card-submitted.ts",
		find: "ctx.vault.fingerprint(card.pan, customerId)",
		replace: "Promise.resolve(card.pan)",
	},
	{
		name: "a card is wrapped again whatever has become of it since",
		file: "workers/billing/vault/store.ts",
		find: "and +vault.kek_id = :kekId and vault.wrapped_key = m.value->>'$.was'`);",
		replace: "and :kekId is not null`);",
	},
	{
		name: "nothing is wrapped again",
		file: "workers/billing/vault/rewrap-vault.ts",
		find: "if (rows.length > 0) await",
		replace: "if (rows.length > 1000) await",
	},
];
