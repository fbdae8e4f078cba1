import type { Ctx } from "../../../shared/context.ts";
import { commitRows, effect, type Row } from "../../../shared/messaging/effects.ts";
import { emitStatusChanged, given, movedTo } from "../tickets/transition.ts";

/** Assignments a batch. */
const pageSize = 100;
/** Reasons a batch. */
const reasonsAtOnce = 1000;

/** A ticket that still waits, as it was read. */
const unchanged = `tickets as t on t.id = m.value->>'$.data.ticketId'
	and t.status = 'queued' and t.version = m.value->>'$.data.ticketVersion'`;

/** `planned` counts the visits of an expert and day within the page itself. */
const assigning = [
	// a ticket that waits again has no visit: one that is left of before would keep it from getting another
	effect(`delete from visits where ticket_id in (select t.id from ${given} cross join ${unchanged})`),
	effect(`
		insert into visits (expert_id, starts_at, ends_at, ticket_id)
		select expert_id, starts_at, ends_at, ticket_id from (
			select e.id as expert_id, t.id as ticket_id, e.capacity,
				m.value->>'$.data.from' as starts_at, m.value->>'$.data.to' as ends_at,
				row_number() over (partition by e.id, m.value->>'$.data.day' order by m.key) as planned,
				(select count(*) from visits where expert_id = e.id and starts_at >= m.value->>'$.data.day'
					and starts_at < (m.value->>'$.data.day') + 86400000) as taken
			from ${given} cross join ${unchanged}
			cross join experts as e on e.id = m.value->>'$.data.expertId' and e.version = m.value->>'$.data.expertVersion' and e.active
			where not exists (select 1 from rejections where ticket_id = t.id and expert_id = e.id))
		where taken + planned <= capacity
		on conflict do nothing`),
	effect(`
		update tickets set ${movedTo("assigned")}, expert_id = planned_expert, expert_name = planned_name,
			visit_from = planned_from, visit_to = planned_to, assigned_at = coalesce(assigned_at, :now)
		from (
			select t.id as planned_ticket, e.id as planned_expert, e.name as planned_name,
				v.starts_at as planned_from, v.ends_at as planned_to
			from ${given} cross join ${unchanged}
			cross join visits as v on v.ticket_id = t.id
			cross join experts as e on e.id = v.expert_id)
		where id = planned_ticket
		returning id`),
	effect(emitStatusChanged(given)),
];

const noting = [
	effect(`
		update tickets set waiting_reason = noted_reason
		from (
			select t.id as noted_ticket, m.value->>'$.data.reason' as noted_reason from ${given} cross join ${unchanged})
		where id = noted_ticket`),
];

export interface PlannedVisit {
	readonly customerId: string;
	readonly ticketId: string;
	readonly ticketVersion: number;
	readonly expertId: string;
	readonly expertVersion: number;
	readonly from: number;
	readonly to: number;
	/** When the UTC day of the visit begins. */
	readonly day: number;
}

export interface Waiting {
	readonly ticketId: string;
	readonly ticketVersion: number;
	readonly reason: string;
}

/**
 * Writes visits, a page at a time, each unless what it depends on has changed since it was read: the ticket, the expert,
 * the expert's day. What is left out is planned anew in the next run. Gives how many are assigned.
 */
export async function saveVisits(ctx: Ctx, visits: readonly PlannedVisit[]): Promise<number> {
	let assigned = 0;
	for (const page of pagesOf(visits, pageSize)) {
		const rows = page.map(({ customerId, ...data }): Row => ({ subject: customerId, data }));
		const { effects } = await commitRows(ctx, "00", { effects: assigning, rows });
		assigned += effects[2]?.results.length ?? 0;
	}
	return assigned;
}

/** Notes why tickets wait. It is no new version of a ticket, and its customer hears nothing of it. */
export async function saveReasons(ctx: Ctx, waiting: readonly Waiting[]): Promise<void> {
	for (const page of pagesOf(waiting, reasonsAtOnce)) {
		await commitRows(ctx, "00", { effects: noting, rows: page.map((data): Row => ({ data })) });
	}
}

function* pagesOf<T>(all: readonly T[], size: number): Generator<readonly T[]> {
	for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}
