import { env } from "cloudflare:workers";
import { days } from "../time.ts";
import { rowsOf } from "./database.ts";
import { customerId, newId, someCustomer, someTicket } from "./fixtures.ts";

type Columns = Readonly<Record<string, string | number | null>>;

const insert = (table: string, row: Columns): D1PreparedStatement => {
	const names = Object.keys(row);
	const text = `insert into ${table} (${names.join(", ")}) values (${names.map(() => "?").join(", ")})`;
	return env.SYSOPS_DB.prepare(text).bind(...Object.values(row));
};

/** From 8 to 20 o'clock every day. */
export const everyDay = JSON.stringify([1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: 480, to: 1200 })));

/** An expert for televisions in the south who is always there; `columns` are those of the table. Gives the id. */
export async function givenExpert(columns: Columns = {}): Promise<string> {
	const id = newId("exp", "00");
	const row = {
		id,
		name: "Mary Example",
		email: `${id}@squad.example`,
		active: 1,
		skills: '{"television":2}',
		regions: '["south"]',
		hours: everyDay,
		absences: "[]",
		capacity: 6,
		version: 1,
		checked_version: 1,
	};
	await insert("experts", { ...row, ...columns }).run();
	return String(columns["id"] ?? id);
}

function waiting(at: number, columns: Columns): Columns {
	const row = {
		...someTicket,
		id: newId("tkt", "00"),
		customer_id: customerId("00"),
		status: "queued",
		submitted_at: at,
		opened_at: at,
		received_at: at,
		changed_at: at,
		version: at,
		customer: JSON.stringify({ ...someCustomer, region: "south" }),
		region: "south",
		steps: JSON.stringify([{ status: "received", at }]),
	};
	return { ...row, ...columns };
}

/** A ticket about a television in the south that waits since `at`. Gives the id. */
export async function givenWaiting(at: number, columns: Columns = {}): Promise<string> {
	const row = waiting(at, columns);
	await insert("tickets", row).run();
	return String(row["id"]);
}

/** So many of them, the last one since `until`, each a millisecond later than the one before. */
export async function givenManyWaiting(count: number, until: number): Promise<void> {
	await env.SYSOPS_DB.batch(Array.from({ length: count }, (_, i) => insert("tickets", waiting(until - count + 1 + i, {}))));
}

export interface TicketRow {
	id: string;
	status: string;
	version: number;
	expert_id: string | null;
	visit_from: number | null;
	waiting_reason: string | null;
	steps: string;
}
export const ticketsNow = () =>
	rowsOf<TicketRow>(
		env.SYSOPS_DB,
		"select id, status, version, expert_id, visit_from, waiting_reason, steps from tickets order by opened_at, id",
	);

export const visitsNow = () =>
	rowsOf<{ expert_id: string; starts_at: number; ticket_id: string }>(
		env.SYSOPS_DB,
		"select expert_id, starts_at, ticket_id from visits order by starts_at, expert_id",
	);

/** Of what is in the outbox: the statuses that were told of each ticket, the first first. */
export async function toldOf(ticketId: string): Promise<string[]> {
	const text = `select event->>'$.data.status' as status from outbox
		where type = 'TicketStatusChanged' and event->>'$.data.ticketId' = ? order by cast(event->>'$.version' as integer)`;
	return (await rowsOf<{ status: string }>(env.SYSOPS_DB, text, ticketId)).map(({ status }) => status);
}

/** What is never to be: a list of what was found wrong. */
export async function unsound(): Promise<unknown[]> {
	const texts = [
		`select 'a visit that is not its ticket''s' as found, v.ticket_id from visits v left join tickets t on t.id = v.ticket_id
			where t.status is not 'assigned' or t.expert_id is not v.expert_id or t.visit_from is not v.starts_at
				or t.visit_to is not v.ends_at`,
		`select 'assigned without a visit' as found, id from tickets
			where status = 'assigned' and not exists (select 1 from visits where ticket_id = tickets.id)`,
		`select 'waits and has an expert' as found, id from tickets where status = 'queued' and (expert_id is not null or visit_from is not null)`,
		`select 'over capacity' as found, expert_id from visits join experts on experts.id = expert_id
			group by expert_id, starts_at / ${days} having count(*) > max(capacity)`,
		`select 'told other than it went' as found, id from tickets
			where json_array_length(steps) - 1 <> (select count(*) from outbox where event->>'$.data.ticketId' = tickets.id)`,
		`select 'to somebody who has sent it back' as found, v.ticket_id from visits v join rejections using (ticket_id, expert_id)`,
	];
	return (await Promise.all(texts.map((text) => rowsOf(env.SYSOPS_DB, text)))).flat();
}
