import type { Ctx } from "../context.ts";
import { type Statement, sql } from "../sql.ts";
import { days } from "../time.ts";
import { type Effect, type Emission, effect } from "./effects.ts";
import type { CloudEvent } from "./envelope.ts";

/** Finds out of a message what SQL alone could not tell. */
export type Examine<OwnCtx extends Ctx> = (ctx: OwnCtx, event: CloudEvent<object>) => Promise<object>;

/** What a consumer does with one type of event. All SQL sees the batch's messages of this type as `m.value`. */
export interface Consumption<OwnCtx extends Ctx = Ctx> {
	readonly type: string;
	readonly examine: Examine<OwnCtx> | undefined;
	readonly admit: Statement;
	readonly effects: readonly Effect[];
	readonly newestOf: ((event: CloudEvent<object>) => string) | undefined;
}

/** The messages that this run admits, as `m.value`: what every effect reads, so that a repetition has none. */
export const admitted = `json_each(:messages) as m cross join inbox
	on inbox.source = m.value->>'$.source' and inbox.id = m.value->>'$.id' and inbox.run = :run`;

/** A repetition renews an older inbox row, so that an event which keeps coming is not forgotten (ADR 6). */
const renewAfter = 1 * days;

const erased = "exists (select 1 from erased_customers where customer_id = m.value->>'$.subject')";

/**
 * Describes the consumption of one type of event, once at module level.
 *
 * `deferWhile`: true while the message refers to something that is not known here yet; it leaves no trace and comes
 * again. `rejectWhen`: gives the reason why it can never be accepted, or null. `effects`: set-based statements over
 * `admitted` with `:messages`, `:run` and `:now`, each with a natural key: a message that the inbox has forgotten must
 * still change nothing, and emissions of what follows. `newestOf`: for versioned events, what they are about; of several
 * in one batch only the newest takes effect. `examine`: what has to be found out of a message before SQL can store it,
 * which SQL sees as `m.value->'$.examined'`. It changes nothing, and may be asked again; when it throws, the message comes
 * again.
 */
export function consumption<OwnCtx extends Ctx = Ctx>(
	type: string,
	{
		deferWhile = "false",
		rejectWhen = "null",
		effects,
		newestOf,
		examine,
	}: {
		deferWhile?: string;
		rejectWhen?: string;
		effects: readonly (string | Emission)[];
		newestOf?: Consumption["newestOf"];
		examine?: Examine<OwnCtx>;
	},
): Consumption<OwnCtx> {
	// The newest of several is chosen before the database is asked: it must not turn out to be one that is rejected.
	if (newestOf && rejectWhen !== "null") throw new Error(`${type}: what is reduced to the newest cannot be rejected by SQL`);
	const admit = sql(`
		insert into inbox (source, id, run, verdict, reason, received_at)
		select source, id, iif(reason is null and applies, :run, null), iif(reason is null, 'accepted', 'rejected'), reason, :now
		from (
			select m.value->>'$.source' as source, m.value->>'$.id' as id,
				not (${erased}) and m.value->>'$.superseded' is null as applies,
				iif(${erased}, null, coalesce(m.value->>'$.rejected', ${rejectWhen})) as reason
			from json_each(:messages) as m
			where m.value->>'$.rejected' is not null or ${erased} or not (${deferWhile}))
		where true
		on conflict do update set received_at = excluded.received_at
		where received_at < excluded.received_at - ${renewAfter}`);
	return { type, examine, admit, effects: effects.map(effect), newestOf };
}
