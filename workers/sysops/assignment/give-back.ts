import type { Ctx } from "../../../shared/context.ts";
import { commitRows, effect, type Row } from "../../../shared/messaging/effects.ts";
import { prepare } from "../../../shared/sql.ts";
import { availabilityOf, type ExpertRow, isAtWork } from "../experts/expert.ts";
import { emitStatusChanged, given, movedTo, released } from "../tickets/transition.ts";
import { answerBy, selectComing, selectUnanswered, selectUnchecked, type VisitRow } from "./store.ts";

/** Tickets a batch, and batches a run: the next run goes on. */
const pageSize = 100;
const mostPages = 20;
/** Changed experts whose visits a run looks through, at five queries each: with all else it stays below 1,000. */
const mostChanged = 40;

/** The tickets of the rows that still are what was read: with this expert, at this time. */
const still = (guard: string) => `${given} cross join tickets as t on t.id = m.value->>'$.data.ticketId'
	and t.expert_id = m.value->>'$.data.expertId' and t.visit_from = m.value->>'$.data.from' and ${guard}`;

/** What is due is asked again of what stands by now: an answer that came in between counts. */
const stillUnanswered = still(`t.status = 'assigned' and ${answerBy} <= :now`);
const stillComing = still("t.status in ('assigned', 'accepted') and t.visit_from > :now");

const back = (tickets: string) => [
	effect(`
		update tickets set ${movedTo("queued")}, ${released}
		where id in (select t.id from ${tickets})
		returning id`),
	effect(`
		delete from visits where ticket_id in (
			select t.id from ${given} cross join tickets as t on t.id = m.value->>'$.data.ticketId'
				and t.run = :run and t.status = 'queued')`),
	effect(emitStatusChanged(given)),
];

const noAnswer = [
	effect(`
		insert into rejections (ticket_id, expert_id, rejected_at, reason)
		select t.id, t.expert_id, :now, 'no answer' from ${stillUnanswered} where true
		on conflict do nothing`),
	...back(stillUnanswered),
];

/** The version that was read: an expert who has changed once more in between is looked through again. */
const notKept = [...back(stillComing), effect("update experts set checked_version = :version where id = :expertId")];

/**
 * Gives back to the queue what will not happen: what its expert has not accepted in time, which counts as a rejection, and
 * visits that an expert can no longer keep, which does not. Gives how many. When there is nothing it is one read.
 */
export async function giveBack(ctx: Ctx): Promise<number> {
	const database = ctx.databases.get("00");
	const params = { now: ctx.now(), limit: pageSize };
	const [unanswered, unchecked] = await database.batch([
		prepare(database, selectUnanswered, params),
		prepare(database, selectUnchecked, { limit: mostChanged }),
	]);
	let count = 0;
	let page = (unanswered?.results ?? []) as VisitRow[]; // of `selectUnanswered`
	for (let pages = 1; page.length > 0; pages++) {
		const { effects } = await commitRows(ctx, "00", { effects: noAnswer, rows: page.map(rowOf) });
		count += effects[1]?.results.length ?? 0;
		if (page.length < pageSize || pages === mostPages) break;
		page = (await prepare(database, selectUnanswered, params).all<VisitRow>()).results;
	}
	for (const expert of (unchecked?.results ?? []) as Unchecked[]) count += await check(ctx, expert); // of `selectUnchecked`
	return count;
}

type Unchecked = Pick<ExpertRow, "id" | "active" | "hours" | "absences" | "version">;

async function check(ctx: Ctx, expert: Unchecked): Promise<number> {
	const { id: expertId, version } = expert;
	const database = ctx.databases.get("00");
	const { results } = await prepare(database, selectComing, { expertId, now: ctx.now() }).all<VisitRow>();
	const availability = availabilityOf(expert);
	const lost = results.filter(({ visit_from: from, visit_to: to }) => !isAtWork(availability, { from, to }));
	const { effects } = await commitRows(ctx, "00", { effects: notKept, rows: lost.map(rowOf), params: { expertId, version } });
	return effects[0]?.results.length ?? 0;
}

const rowOf = ({ ticket_id: ticketId, customer_id: subject, expert_id: expertId, visit_from: from }: VisitRow): Row => ({
	subject,
	data: { ticketId, expertId, from },
});
