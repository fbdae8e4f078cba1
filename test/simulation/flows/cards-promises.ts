import type { CardReason } from "../../../shared/cards.ts";
import type { Cluster } from "../cluster.ts";
import { fakeVault, sealedMark } from "../fake-cards.ts";
import { tokenOf } from "../fake-payments.ts";
import { workers } from "../quanta.ts";
import { deserved, type Intent, type KeyEnd, type TypedCard } from "./cards-typed.ts";

/** A card that somebody has tried to submit. */
export interface Submission {
	readonly intent: Intent;
	readonly card: TypedCard;
	/** That of the same customer which it is to take the place of. */
	readonly replaces: string | undefined;
	acknowledged: boolean;
	removal: "none" | "tried" | "acknowledged";
}

/** At every moment, of each shard of billing: the vault, the fingerprints and what is verified are the same cards, each number once. */
const selectTorn = `
	select 'in the vault without being verified: ' || card_id as what from vault where card_id not in (select card_id from cards where state = 'verified')
	union all select 'a fingerprint of what is not verified: ' || card_id from fingerprints where card_id not in (select card_id from cards where state = 'verified')
	union all select 'verified and not in the vault: ' || card_id from cards where state = 'verified' and card_id not in (select card_id from vault)
	union all select 'verified and without a fingerprint: ' || card_id from cards where state = 'verified' and card_id not in (select card_id from fingerprints)
	union all select 'one number twice: ' || group_concat(card_id) from fingerprints group by customer_id, fingerprint having count(*) > 1
	union all select 'another customer''s in the vault: ' || card_id from vault join cards using (card_id) where vault.customer_id <> cards.customer_id`;

/** What is said once, with the change that it reports: a verified card may be said again with each that it takes the place of. */
const selectUnsaid = `
	select c.card_id || ' is ' || c.state || ' and was said to be ' || coalesce(s.times, 0) || ' times' as what
	from cards as c left join card_said as s on s.card_id = c.card_id and s.type = iif(c.state = 'verified', 'CardVerified', 'CardRejected')
	where (c.state = 'rejected' and coalesce(s.times, 0) <> 1)
		or (c.state = 'verified' and coalesce(s.times, 0) not between 1 and 1 + (select count(*) from card_ends where replaced_by = c.card_id))`;

export const cardsAtEveryMoment = (cluster: Cluster): string[] =>
	[selectTorn, selectUnsaid].flatMap((text) => cluster.rows<{ what: string }>("billing", text).map(({ what }) => what));

/** No card number stands in any table of any Worker, and what is sealed for billing nowhere but in the outbox that brings it. */
export function numbersInTheClear(cluster: Cluster, numbers: ReadonlySet<string>): string[] {
	const found: string[] = [];
	for (const worker of workers) {
		for (const database of cluster.deployments[worker].databases.values()) {
			for (const { name } of database.all<{ name: string }>("select name from sqlite_master where type = 'table'")) {
				const text = JSON.stringify(database.all(`select * from ${name}`));
				const shown = text.match(/(?<!\d)\d{16}(?!\d)/g)?.some((digits) => numbers.has(digits));
				if (shown) found.push(`a card number is in ${name} of ${worker}`);
				if (text.includes(sealedMark) && !(worker === "customer" && name === "outbox")) {
					found.push(`a sealed card is in ${name} of ${worker}`);
				}
			}
		}
	}
	return found;
}

interface Seen {
	id: string;
	customer_id: string;
	state: "open" | "submitted" | "verified" | "rejected" | "removed";
	reason: string | null;
	submitted_at: number | null;
}
interface End {
	card_id: string;
	state: "verified" | "rejected" | "removed";
	reason: CardReason | null;
	replaced_by: string | null;
}
interface Judged {
	card_id: string;
	state: "verified" | "rejected";
	judged_at: number;
}

/** In the end: every submitted card has come to what it deserves, at billing and for its customer. */
export function cardsInTheEnd(
	cluster: Cluster,
	{ submissions, keyEnds }: { submissions: ReadonlyMap<string, Submission>; keyEnds: ReadonlyMap<string, KeyEnd> },
): string[] {
	const found: string[] = [];
	const ends = new Map(cluster.rows<End>("billing", "select * from card_ends").map((end) => [end.card_id, end]));
	const judged = new Map(cluster.rows<Judged>("billing", "select * from judged").map((one) => [one.card_id, one]));
	const seen = new Map(cluster.rows<Seen>("customer", "select * from cards_seen").map((card) => [card.id, card]));
	const all = [...submissions.values()].map((submission) => {
		const { cardId, kid } = submission.intent;
		const { judged_at: judgedAt } = judged.get(cardId) ?? {};
		const acceptedAt = seen.get(cardId)?.submitted_at ?? undefined;
		const known = judgedAt !== undefined && acceptedAt !== undefined;
		const reason = known ? deserved(submission.card, { acceptedAt, judgedAt, keyEnd: keyEnds.get(kid) }) : undefined;
		return { ...submission, acceptedAt, reason, end: ends.get(cardId), wasJudged: known };
	});
	const byId = new Map(all.map((one) => [one.intent.cardId, one]));

	for (const { intent, card, acceptedAt, reason, end, acknowledged, removal, wasJudged } of all) {
		const { cardId, customerId } = intent;
		const here = seen.get(cardId);
		const say = (what: string) => found.push(`${cardId}${card.fault ? ` (${card.fault})` : ""} ${what}`);
		if (acknowledged && acceptedAt === undefined) say("was acknowledged and is not there");
		if (removal === "acknowledged" && here?.state !== "removed") say("was removed, and is there for its customer");
		if (removal === "acknowledged" && end?.state !== "removed" && acceptedAt !== undefined)
			say("was removed, and billing has it");
		if (acceptedAt === undefined) {
			if (end && end.state !== "removed") say("was never submitted, and billing has it");
			continue;
		}
		const [hereNow, thereNow] = [here, end].map((at) => `${at?.state} ${at?.state === "rejected" ? at.reason : ""}`);
		if (hereNow !== thereNow) say(`is ${hereNow}for its customer and ${thereNow}at billing`);
		if (wasJudged && reason === undefined && judged.get(cardId)?.state === "rejected")
			say(`is good, and was rejected: ${end?.reason}`);
		if (wasJudged && reason !== undefined && judged.get(cardId)?.state !== "rejected")
			say(`is taken, though it is wrong: ${reason}`);
		if (end?.state === "rejected" && end.reason !== reason) say(`was rejected for ${end.reason} instead of ${reason}`);
		if (end?.state !== "removed" || removal !== "none") continue;
		// nobody has asked for it: another one must have taken its place
		const other = byId.get(end.replaced_by ?? "");
		const isOwn = other?.intent.customerId === customerId && other.wasJudged && other.reason === undefined;
		const isNewer = other && `${other.acceptedAt} ${other.intent.cardId}` > `${acceptedAt} ${cardId}`;
		// the one that was to replace it may have come together with a newer entry of the same number, which stands for both
		const isNamed = all.some(({ replaces, card: { pan } }) => replaces === cardId && pan === other?.card.pan);
		const inItsPlace = (other?.card.pan === card.pan && isNewer) || isNamed;
		if (!isOwn || !inItsPlace) say(`is removed, and nothing has taken its place but ${end.replaced_by}`);
	}
	for (const { intent, replaces } of all) {
		if (judged.get(intent.cardId)?.state === "verified" && replaces && ends.get(replaces)?.state === "verified") {
			found.push(`${replaces} was replaced by ${intent.cardId} and is still charged`);
		}
	}
	return found;
}

/** Intents are, a day after their end, and what was rejected after 90 days. */
export const isForgotten = (cluster: Cluster, cardId: string) =>
	!cluster.rows<{ id: string }>("customer", "select id from cards").some(({ id }) => id === cardId);

interface VaultRow {
	card_id: string;
	customer_id: string;
	kek_id: string;
	wrapped_key: string;
	sealed_card: string;
}

/** Each card of the vault opens with the keys that are there, and is what the provider knows the one by that was typed. */
export async function unopened(cluster: Cluster, submissions: ReadonlyMap<string, Submission>): Promise<string[]> {
	const vault = fakeVault(cluster.cardKeys);
	const found: string[] = [];
	for (const row of cluster.rows<VaultRow>("billing", "select * from vault")) {
		const { card_id: cardId, customer_id: customerId } = row;
		const sealed = { kekId: row.kek_id, wrappedKey: row.wrapped_key, sealedCard: row.sealed_card };
		const opened = await vault.open(sealed, { cardId, customerId }).catch(() => undefined);
		const token = opened && "token" in opened ? opened.token : undefined;
		const typed = submissions.get(cardId)?.card.pan;
		if (!token || !typed || token !== tokenOf(typed) || row.sealed_card.includes(token)) found.push(`${cardId} does not open`);
	}
	return found;
}
