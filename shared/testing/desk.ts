import { env } from "cloudflare:workers";
import { days, hours } from "../time.ts";
import { askStaff } from "./contracts.ts";
import { rowsOf } from "./database.ts";
import { newId, someCustomer, someTicket } from "./fixtures.ts";

/** Tickets in work and who works on them, as their tables have them. */

export const deskPath = "/api/v1/tickets";

async function insert(table: string, row: Readonly<Record<string, string | number | null>>): Promise<void> {
	const names = Object.keys(row);
	const text = `insert into ${table} (${names.join(", ")}) values (${names.map(() => "?").join(", ")})`;
	await env.SYSOPS_DB.prepare(text)
		.bind(...Object.values(row))
		.run();
}

export interface Expert {
	readonly id: string;
	readonly email: string;
	readonly name: string;
}

let experts = 0;

/** An expert who can sign in. */
export async function givenExpert(name = "Mary Example"): Promise<Expert> {
	experts += 1;
	const expert = { id: newId("exp", "00"), email: `expert-${experts}@squad.example`, name };
	const lists = { skills: '{"television":3}', regions: '["south"]', hours: "[]", absences: "[]" };
	await insert("experts", { ...expert, active: 1, ...lists, capacity: 4, version: 1 });
	await insert("staff", { email: expert.email, role: "expert" });
	return expert;
}

type Columns = Readonly<Record<string, string | number | null>>;

/** A ticket that came to this status by and by; with an expert also their visit, tomorrow. `more` are columns of it. */
export async function givenTicketAt(status: string, expert?: Expert, more: Columns = {}): Promise<string> {
	const now = Date.now();
	const id = newId("tkt", "01");
	const from = now + days;
	const visit = { expert_id: expert?.id ?? null, visit_from: expert ? from : null, visit_to: expert ? from + 2 * hours : null };
	const closed = status === "resolved" || status === "cancelled" ? { closings: 1, closed_at: now - 1000 } : {};
	await insert("tickets", {
		id,
		customer_id: newId("cus", "01"),
		status,
		version: 1000,
		...{ submitted_at: now - hours, received_at: now - hours, opened_at: now - hours, changed_at: now - 2000 },
		...someTicket,
		customer: JSON.stringify(someCustomer),
		region: "south",
		steps: JSON.stringify([{ status: "received", at: now - hours }]),
		...visit,
		...(expert ? { expert_name: expert.name, assigned_at: now - 3000 } : {}),
		...closed,
		...(status === "resolved" ? { resolutions: 1 } : {}),
		...more,
	});
	if (expert) await insert("visits", { expert_id: expert.id, starts_at: from, ends_at: from + 2 * hours, ticket_id: id });
	return id;
}

/** What sysops answers with, as far as tests look at it. */
export interface DeskTicket {
	readonly id: string;
	readonly status: string;
	readonly code?: string;
	readonly [field: string]: unknown;
}

/** Somebody of the staff asks for something about a ticket: `start`, `replies` and so on. */
export const post = (email: string, ticketId: string, what: string, body: object = {}, headers: Record<string, string> = {}) =>
	askStaff<DeskTicket>("POST", `${deskPath}/${ticketId}/${what}`, { body, email, headers });

export const ticketRow = async (id: string) =>
	(await rowsOf<Record<string, unknown>>(env.SYSOPS_DB, "select * from tickets where id = ?", id))[0];

export const visitsOf = (id: string) => rowsOf(env.SYSOPS_DB, "select expert_id from visits where ticket_id = ?", id);

export interface Told {
	readonly type: string;
	readonly subject?: string;
	readonly version?: string;
	readonly data: Readonly<Record<string, unknown>>;
}

/** The events about a ticket: its versions in their order, then the others. */
export async function toldOf(ticketId: string): Promise<Told[]> {
	const text = `select event from outbox where event->>'$.data.ticketId' = ?
		order by coalesce(event->>'$.version', '9'), type`;
	const rows = await rowsOf<{ event: string }>(env.SYSOPS_DB, text, ticketId);
	return rows.map(({ event }) => JSON.parse(event));
}

export interface AuditRow {
	readonly actor: string;
	readonly action: string;
	readonly before: string | null;
	readonly after: string;
}

export const auditOf = (subject: string) =>
	rowsOf<AuditRow>(env.SYSOPS_DB, "select actor, action, before, after from audit where subject = ? order by at", subject);
