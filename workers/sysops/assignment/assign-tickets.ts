import type { Ctx } from "../../../shared/context.ts";
import type { PartOfDay } from "../../../shared/events/customer.ts";
import { prepare } from "../../../shared/sql.ts";
import { days } from "../../../shared/time.ts";
import { availabilityOf, type ExpertRow, mostActiveExperts } from "../experts/expert.ts";
import { assign, type Candidate, priorities, type WaitingTicket } from "./assignment.ts";
import { horizon } from "./calendar.ts";
import { giveBack } from "./give-back.ts";
import { saveReasons, saveVisits } from "./save-plan.ts";
import { selectActiveExperts, selectVisitTimes, selectWaiting, type WaitingRow } from "./store.ts";

/** Tickets that a run looks at, and that one read brings. */
const mostTickets = 10_000;
const pageSize = 1000;
/** Visits that a run writes, so that its queries and the relay's stay below Cloudflare's 1,000 an invocation. */
const mostVisits = 5000;

/**
 * Sends experts to the tickets that wait, every minute: gives back what will not happen, plans, and writes the plan page by
 * page. Runs at the same time, and runs that were cut off, do no harm: every page is guarded by what it was planned on.
 */
export async function assignTickets(ctx: Ctx): Promise<void> {
	const released = await giveBack(ctx);
	const tickets = await readWaiting(ctx);
	if (tickets.length === mostTickets) ctx.log.alarm("too_many_tickets_wait", { count: tickets.length });
	const assigned = tickets.length === 0 ? 0 : await planAndSave(ctx, tickets);
	const waiting = tickets.length - assigned;
	if (assigned + waiting + released > 0) ctx.log.info("tickets_assigned", { assigned, waiting, released });
}

async function planAndSave(ctx: Ctx, rows: readonly WaitingRow[]): Promise<number> {
	const now = ctx.now();
	const experts = await readExperts(ctx);
	const visits = experts.length === 0 ? [] : await readVisits(ctx, now, experts);
	const { assignments, waiting } = assign({ now, tickets: rows.map(ticketOf), experts, visits });

	const [ticketRows, expertVersions] = [byId(rows), new Map(experts.map(({ id, version }) => [id, version]))];
	const planned = assignments.slice(0, mostVisits).flatMap((visit) => {
		const [ticket, expertVersion] = [ticketRows.get(visit.ticketId), expertVersions.get(visit.expertId)];
		if (!ticket || expertVersion === undefined) return [];
		const day = Math.floor(visit.from / days) * days;
		return [{ ...visit, customerId: ticket.customer_id, ticketVersion: ticket.version, expertVersion, day }];
	});
	const assigned = await saveVisits(ctx, planned);
	const news = waiting.flatMap(({ ticketId, reason }) => {
		const ticket = ticketRows.get(ticketId);
		return ticket && ticket.waiting_reason !== reason ? [{ ticketId, ticketVersion: ticket.version, reason }] : [];
	});
	await saveReasons(ctx, news);
	return assigned;
}

const byId = <Row extends { id: string }>(rows: readonly Row[]) => new Map(rows.map((row) => [row.id, row]));

/** The urgent ones first, then the old ones. */
async function readWaiting(ctx: Ctx): Promise<WaitingRow[]> {
	const database = ctx.databases.get("00");
	const read = (priority: string, after = { opened_at: -1, id: "" }) =>
		prepare(database, selectWaiting, { priority, at: after.opened_at, id: after.id, limit: pageSize });
	const first = await database.batch<WaitingRow>(priorities.map((priority) => read(priority)));
	const rows: WaitingRow[] = [];
	for (const [at, priority] of priorities.entries()) {
		let page = first[at]?.results ?? [];
		rows.push(...page);
		while (page.length === pageSize && rows.length < mostTickets) {
			({ results: page } = await read(priority, page.at(-1)).all<WaitingRow>());
			rows.push(...page);
		}
	}
	return rows.slice(0, mostTickets);
}

async function readExperts(ctx: Ctx): Promise<(Candidate & { version: number })[]> {
	const { results } = await prepare(ctx.databases.get("00"), selectActiveExperts, { limit: mostActiveExperts }).all<ExpertRow>();
	return results.map(({ id, skills, regions, capacity, version, ...row }) => {
		const able = { skills: JSON.parse(skills) as Candidate["skills"], regions: JSON.parse(regions) as string[] }; // our own columns
		return { id, capacity, version, ...able, ...availabilityOf(row) };
	});
}

async function readVisits(ctx: Ctx, now: number, experts: readonly { readonly id: string }[]) {
	const params = {
		expertIds: JSON.stringify(experts.map(({ id }) => id)),
		from: Math.floor(now / days) * days,
		to: now + horizon,
	};
	const statement = prepare(ctx.databases.get("00"), selectVisitTimes, params);
	const { results } = await statement.all<{ expert_id: string; times: string }>();
	return results.flatMap(
		({ expert_id: expertId, times }) => (JSON.parse(times) as number[]).map((from) => ({ expertId, from })), // what the query puts together
	);
}

const ticketOf = ({ opened_at: openedAt, availability, rejected_by: rejectedBy, ...row }: WaitingRow): WaitingTicket => ({
	...row,
	openedAt,
	availability: JSON.parse(availability) as PartOfDay[], // our own columns
	rejectedBy: JSON.parse(rejectedBy) as string[],
});
