import { outboxInsert } from "../../../shared/messaging/outbox.ts";
import { sql } from "../../../shared/sql.ts";
import { notRevoked } from "../sessions/revoked.ts";
import { mostCards, rememberedFor, shown } from "./card.ts";

const isShown = `state in (${shown.map((state) => `'${state}'`).join(", ")})`;

/** Ten rows at most, by the index, however many were removed or never used. */
const count = `(select count(*) from cards where customer_id = :customerId and ${isShown})
	+ (select count(*) from cards where customer_id = :customerId and state = 'open' and expires_at > :now)`;
const replaceable = `(:replaces is null or exists (
	select 1 from cards where id = :replaces and customer_id = :customerId and state = 'verified'))`;

/** Hits nothing when something that it depends upon does not hold, or the id is taken. */
export const insertIntent = sql(`
	insert into cards (id, customer_id, state, nonce, kid, expires_at, replaces, created_at, changed_at, prunable_at)
	select :cardId, :customerId, 'open', :nonce, :kid, :expiresAt, :replaces, :now, :now, :expiresAt + ${rememberedFor.open}
	where ${notRevoked} and ${count} < ${mostCards} and ${replaceable}
	on conflict do nothing
	returning id`);

/** Why there is no new intent, and the one of this id if there is one. Always one row. */
export const explainRefusal = sql(`
	select not ${notRevoked} as revoked, ${count} as count, ${replaceable} as replaceable, c.id, c.state, c.nonce, c.kid,
		c.expires_at, c.replaces
	from (select 1) left join cards as c on c.id = :cardId and c.customer_id = :customerId`);

/** All that a submission depends upon stands in its guard; only the first one of an intent is taken. */
export const submitCard = sql(`
	update cards set state = 'submitted', submitted_at = :now, changed_at = :now, prunable_at = null, brand = :brand,
		last4 = :last4, exp_month = :expMonth, exp_year = :expYear, request_digest = :requestDigest
	where id = :cardId and customer_id = :customerId and state = 'open' and expires_at > :now and kid = :kid and ${notRevoked}`);

/** `CardSubmitted`, with what its intent says. */
export const emitCardSubmitted = outboxInsert({
	event: "json_set(:event, '$.data.nonce', c.nonce, '$.data.replaces', c.replaces)",
	from: "cards as c",
	guard: "changes() = 1 and c.id = :cardId",
});

export const removeCard = sql(`
	update cards set state = 'removed', reason = null, changed_at = :now,
		prunable_at = iif(state = 'open', prunable_at, :now + ${rememberedFor.removed})
	where id = :cardId and customer_id = :customerId and state <> 'removed' and ${notRevoked}`);

/** Directly after the one change that it reports. */
export const emitChange = outboxInsert();

const cardFields = `id, state, reason, brand, last4, exp_month, exp_year, replaces, created_at, submitted_at, changed_at`;

/** One of the customer's own, whatever its state. */
export const selectCard = sql(`
	select ${cardFields}, kid, expires_at, request_digest from cards where id = :cardId and customer_id = :customerId`);

/** A page of a customer's cards, the newest first: there are ten at most to be sorted. */
export const selectCards = sql(`
	select ${cardFields} from cards
	where customer_id = :customerId and ${isShown} and (created_at, id) < (:at, :id)
	order by created_at desc, id desc limit :limit`);

/** Months since the year 0, to compare with the end of a card's validity. */
export function monthOf(now: number): number {
	const date = new Date(now);
	return date.getUTCFullYear() * 12 + date.getUTCMonth() + 1;
}

/** Whether one of them may pay for a plan, now or once it has been checked. `:month` is `monthOf` now. */
export const selectHasCard = sql(`
	select exists (
		select 1 from cards
		where customer_id = :customerId and state in ('submitted', 'verified') and exp_year * 12 + exp_month >= :month) as has_card`);
