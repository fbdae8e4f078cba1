/** Large tables to measure on: what a Worker reads is not to grow with them. */
import { days } from "../time.ts";

/** Inserts `count` rows by SQL. Each column is an SQL expression of `i`, which goes from 1 to `count`. */
export async function fill(
	database: D1Database,
	table: string,
	count: number,
	columns: Readonly<Record<string, string | number>>,
): Promise<void> {
	const text = `with recursive n(i) as (select 1 union all select i + 1 from n where i < ?1)
		insert into ${table} (${Object.keys(columns).join(", ")}) select ${Object.values(columns).join(", ")} from n`;
	await database.prepare(text).bind(count).run();
}

const eventId = "printf('evt_00%026d', i)";

/** Events of nothing that `destination` has not confirmed, created yesterday and none of them due before tomorrow. */
export function waitInOutbox(
	database: D1Database,
	destination: string,
	count: number,
	more: Readonly<Record<string, string | number>> = {},
): Promise<void> {
	const [yesterday, tomorrow] = [Date.now() - days, Date.now() + days];
	return fill(database, "outbox", count, {
		event_id: eventId,
		destination: `'${destination}'`,
		type: "'TicketSubmitted'",
		event: "'{}'",
		attempts: 9,
		first_delay: 120_000,
		next_attempt_at: `${tomorrow} + i`,
		sent_at: yesterday,
		created_at: yesterday,
		...more,
	});
}

/** Events that were stored yesterday. */
export function fillInbox(database: D1Database, source: string, count: number): Promise<void> {
	return fill(database, "inbox", count, {
		source: `'${source}'`,
		id: eventId,
		run: "'yesterday'",
		verdict: "'accepted'",
		received_at: Date.now() - days,
	});
}

/** Tickets of one customer; `own` are the columns that only this quantum's table has. */
export function fillTickets(
	database: D1Database,
	customerId: string,
	count: number,
	own: Readonly<Record<string, string | number>>,
): Promise<void> {
	return fill(database, "tickets", count, {
		id: `printf('tkt_${customerId.slice(4, 6)}%026d', i)`,
		customer_id: `'${customerId}'`,
		device: "'Radio'",
		category: "'audio'",
		priority: "'low'",
		text: "'It hums.'",
		...own,
	});
}
