import { toHex } from "../bytes.ts";
import type { Ctx, Database } from "../context.ts";
import { destinations } from "../events/topology.ts";
import type { Shard } from "../ids.ts";
import { prepare, type SqlParams, type Statement, sql } from "../sql.ts";
import { type Cause, newEvent } from "./envelope.ts";
import { type Outgoing, send } from "./outbox.ts";

/** A statement over rows `m` of `:messages`. One that writes events into the outbox says of which type, and by which draft. */
export interface Effect {
	readonly statement: Statement;
	readonly emits: { readonly type: string; readonly draft: string } | undefined;
}

/** SQL that puts an event into the outbox for each row that it finds. */
export interface Emission {
	readonly type: string;
	readonly draft: string;
	readonly text: string;
}

/** What a statement does to each row of `:messages`: beside what they carry they have a subject and the drafts of their events. */
export interface Row {
	/** The customer whom it is about. */
	readonly subject?: string | undefined;
	readonly cause?: Cause;
	readonly data?: object;
}

/**
 * The insert of an event of `type` for each row that `from` and `where` leave, in the batch of the change that it reports.
 * `from` has the rows as `m` (`json_each(:messages) as m`, or `admitted`) and what `data`, `version` and `subject` are read
 * from: all are SQL; without `subject` it is the row's. It stands before the change, on the old state, or after it, on what only that change has left, so that a
 * change which hit nothing leaves no event. `draft` tells two emissions of one type apart.
 */
export function emission(
	type: string,
	{
		from,
		where = "true",
		subject,
		version,
		data,
		draft = type,
	}: { from: string; where?: string; subject?: string; version?: string; data: string; draft?: string },
): Emission {
	const of = (field: string) => `'$.drafts.${draft}.${field}'`;
	const named = subject === undefined ? "" : `'$.subject', ${subject}, `;
	const versioned = version === undefined ? "" : `'$.version', cast(${version} as text), `;
	const text = `
		insert into outbox (event_id, destination, type, event, attempts, first_delay, next_attempt_at, created_at)
		select m.value->>${of("event.id")}, destination.value, '${type}', json_set(m.value->${of("event")}, ${named}${versioned}'$.data', ${data}),
			0, m.value->>${of("firstDelay")}, :now + (m.value->>${of("firstDelay")}), :now
		from ${from} cross join json_each(m.value, ${of("destinations")}) as destination
		where ${where}
		returning event_id, destination, type, event`;
	return { type, draft, text };
}

/** Built once at module level. */
export function effect(text: string | Emission): Effect {
	return typeof text === "string"
		? { statement: sql(text), emits: undefined }
		: { statement: sql(text.text), emits: { type: text.type, draft: text.draft } };
}

/** A row with a draft of each event that the effects may emit for it: everything but what only the database knows. */
export function withDrafts<SomeRow extends Row>(ctx: Ctx, shard: Shard, effects: readonly Effect[], row: SomeRow): object {
	const { cause, ...rest } = row;
	const drafts: Record<string, object> = {};
	for (const { emits } of effects) {
		const definition = emits && ctx.topology.events[emits.type];
		if (!emits) continue;
		if (definition?.from !== ctx.worker) throw new Error(`${emits.type} is not ${ctx.worker}'s to say`);
		drafts[emits.draft] = {
			event: newEvent(ctx, shard, {
				type: emits.type,
				subject: definition.anonymous ? undefined : row.subject,
				cause,
				data: null,
			}),
			destinations: destinations(definition).map(([destination]) => destination),
			firstDelay: ctx.resend.firstDelay ?? definition.firstDelay,
		};
	}
	return { ...rest, drafts };
}

/** Sends what the effects of a committed batch have emitted; whatever fails there is the relay's. */
export function sendEmitted(ctx: Ctx, effects: readonly Effect[], results: readonly D1Result[]): void {
	const rows = effects.flatMap(({ emits }, at) => (emits ? ((results[at]?.results as Outgoing[] | undefined) ?? []) : [])); // what an emission returns
	if (rows.length > 0) ctx.waitUntil(send(ctx, rows));
}

/**
 * Commits what a verb or a job does to some rows as one D1 batch, and sends the events that it emits after the answer.
 * The statements see the rows as `m`, `:run`, a token of this batch alone, `:now`, and `params`. Gives the results of
 * the effects and of the `reads`, which come last.
 */
export async function commitRows(
	ctx: Ctx,
	shard: Shard,
	{
		effects,
		rows,
		params = {},
		reads = [],
	}: { effects: readonly Effect[]; rows: readonly Row[]; params?: SqlParams; reads?: readonly Statement[] },
): Promise<{ effects: D1Result[]; reads: D1Result[] }> {
	const database: Database = ctx.databases.get(shard);
	const messages = JSON.stringify(rows.map((row) => withDrafts(ctx, shard, effects, row)));
	const all = { ...params, run: toHex(ctx.randomBytes(8)), now: ctx.now(), messages };
	const statements = [...effects.map(({ statement }) => statement), ...reads];
	const results = await database.batch(statements.map((statement) => prepare(database, statement, all)));
	sendEmitted(ctx, effects, results);
	return { effects: results.slice(0, effects.length), reads: results.slice(effects.length) };
}
