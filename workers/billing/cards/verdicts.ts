import { admitted } from "../../../shared/messaging/consumption.ts";
import { emission } from "../../../shared/messaging/effects.ts";
import { forgetAt, said, subject } from "./store.ts";

/** What the examination of a message has found: a `reason`, or the sealed card and its fingerprint. */
const found = (field: string) => `m.value->>'$.examined.${field}'`;

/** The batch and the message that gave a card its verdict: of several about one card in a batch, one does. */
const verdict = ":run || ' ' || (m.value->>'$.id')";

/** The messages that have given a verdict, with their cards as `w`. */
export const judged = `${admitted} cross join cards as w on w.card_id = ${said("cardId")} and w.verdict_run = ${verdict}`;

/** The cards `c` of the customer of `m` with its number: one that stood before, and those of this batch. */
export const sameNumber = {
	from: "fingerprints as f cross join cards as c on c.card_id = f.card_id",
	where: `f.customer_id = ${subject} and f.fingerprint = ${found("fingerprint")}`,
};

const ifVerified = (column: string) => `iif(reason is null, ${column}, null)`;

/**
 * The verdict of each card that has none and is not removed. Of several messages about one card the one that was accepted
 * first is believed; a nonce is for one card, and the next one that comes with it is rejected, for that if for nothing else.
 */
export const judge = `
	insert into cards (card_id, customer_id, state, reason, nonce, accepted_at, changed_at, brand, last4, exp_month, exp_year,
		verdict_run, prunable_at)
	select card_id, customer_id, iif(reason is null, 'verified', 'rejected'), reason, iif(nonce_used, null, nonce), accepted_at,
		:now, ${["brand", "last4", "exp_month", "exp_year"].map(ifVerified).join(", ")},
		verdict, iif(reason is null, null, ${forgetAt})
	from (
		select *, coalesce(found_reason, iif(nonce_used, 'binding', null)) as reason
		from (
			select *, row_number() over (partition by nonce order by accepted_at, card_id) > 1
				or exists (select 1 from cards where cards.nonce = submitted.nonce) as nonce_used
			from (
				select ${said("cardId")} as card_id, ${subject} as customer_id, ${said("nonce")} as nonce,
					${said("acceptedAt")} as accepted_at, ${said("brand")} as brand, ${said("last4")} as last4,
					${said("expMonth")} as exp_month, ${said("expYear")} as exp_year, ${found("reason")} as found_reason,
					${verdict} as verdict, row_number() over (
						partition by ${said("cardId")} order by ${said("acceptedAt")}, m.value->>'$.id') as place
				from ${admitted}
				where not exists (select 1 from cards where card_id = ${said("cardId")})) as submitted
			where place = 1))`;

export const noteFingerprint = `
	insert into fingerprints (card_id, customer_id, fingerprint)
	select w.card_id, w.customer_id, ${found("fingerprint")} from ${judged} where w.state = 'verified'`;

export const seal = `
	insert into vault (card_id, customer_id, kek_id, wrapped_key, sealed_card, sealed_at)
	select w.card_id, w.customer_id, ${found("kekId")}, ${found("wrappedKey")}, ${found("sealedCard")}, :now
	from ${judged} where w.state = 'verified'`;

export const tellRejected = emission("CardRejected", {
	from: judged,
	where: "w.state = 'rejected'",
	data: "json_object('cardId', w.card_id, 'reason', w.reason, 'rejectedAt', w.changed_at)",
});

const verifiedData = (card: string, replaces: string) => `json_object('cardId', ${card}.card_id, 'brand', ${card}.brand,
	'last4', ${card}.last4, 'expMonth', ${card}.exp_month, 'expYear', ${card}.exp_year, 'verifiedAt', ${card}.changed_at,
	'replaces', json((select json_group_array(card_id) from (${replaces}))))`;

/** True when `m` names another card than these that is to be replaced, and that is nobody else's. */
export const replacesOther = (...cards: string[]) => `(${said("replaces")} not in (${cards.join(", ")}) and not exists (
	select 1 from cards where card_id = ${said("replaces")} and customer_id <> ${subject}))`;

const named = (...cards: string[]) => `select ${said("replaces")} as card_id where ${replacesOther(...cards)}`;

/** Said before `replaceNamed`: a card that another one of this batch names has been verified all the same. */
export const tellVerified = emission("CardVerified", {
	from: judged,
	where: "w.state = 'verified'",
	data: verifiedData(
		"w",
		`select c.card_id from ${sameNumber.from} where ${sameNumber.where} and c.replaced_by = w.card_id and c.removal_run = :run
		union ${named("w.card_id")}`,
	),
});

/**
 * Of a card that was newer than what came now: it is said again that it stands, with the older entry of its number. Not
 * where `tellVerified` has said so.
 */
export const tellStanding = emission("CardVerified", {
	draft: "standing",
	from: `${judged} cross join cards as s on s.card_id = w.replaced_by`,
	where: `w.state = 'removed' and (substr(s.verdict_run, 1, length(:run)) <> :run or ${replacesOther("w.card_id", "s.card_id")})`,
	data: verifiedData("s", `select w.card_id union ${named("w.card_id", "s.card_id")}`),
});
