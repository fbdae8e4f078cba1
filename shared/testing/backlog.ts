/** Large tables to measure on: what a Worker reads is not to grow with them. */

const day = 24 * 3_600_000;
const numbers = "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?1)";

/** Events that `destination` has not confirmed, none of them due before tomorrow. */
export async function waitInOutbox(database: D1Database, destination: string, count: number): Promise<void> {
	const text = `${numbers} insert into outbox
			(event_id, destination, type, event, attempts, first_delay, next_attempt_at, sent_at, created_at)
		select printf('evt_00%026d', i), ?2, 'TicketSubmitted', '{}', 9, 120000, ?3 + i, ?4, ?4 from n`;
	await database
		.prepare(text)
		.bind(count, destination, Date.now() + day, Date.now() - day)
		.run();
}

/** Events that were stored yesterday. */
export async function fillInbox(database: D1Database, source: string, count: number): Promise<void> {
	const text = `${numbers} insert into inbox (source, id, run, verdict, received_at)
		select ?2, printf('evt_00%026d', i), 'yesterday', 'accepted', ?3 from n`;
	await database
		.prepare(text)
		.bind(count, source, Date.now() - day)
		.run();
}
