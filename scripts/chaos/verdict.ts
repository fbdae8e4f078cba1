import type { DeployedWorker } from "../workers.ts";
import type { EnteredCard } from "./cards.ts";
import type { Promised } from "./clients.ts";
import type { Stored } from "./stored.ts";
import type { AnsweredSurvey } from "./surveys.ts";
import { type PaymentEvidence, paymentFailures } from "./verdict-of-payments.ts";

export interface Evidence extends PaymentEvidence {
	readonly promised: Promised;
	/** Tickets whose resolution was acknowledged. */
	readonly resolved: readonly string[];
	readonly surveys: readonly AnsweredSurvey[];
	readonly cards: readonly EnteredCard[];
	/** Ids of the customers' own lists, as the API showed them. */
	readonly listed: ReadonlySet<string>;
}

type Row = Stored[string][number];

/** What was promised and is not so, in words. Empty: nothing was lost, doubled or changed. */
export function failures(evidence: Evidence): string[] {
	const rows = (worker: DeployedWorker, table: string) => evidence.stored[worker].flatMap((database) => database[table] ?? []);
	const here = rows("customer", "tickets");
	const there = rows("sysops", "tickets");
	return [
		...ticketFailures(evidence, here, there),
		...commentFailures(evidence, rows("customer", "comments"), rows("sysops", "comments")),
		...statusFailures(evidence, here, there),
		...visitFailures(there, rows("sysops", "visits")),
		...factFailures(evidence, there, rows("analytics", "closings"), rows("analytics", "surveys")),
		...cardFailures(evidence, rows),
		...paymentFailures(evidence),
		...messageFailures(here, rows("notification", "notifications")),
		...leftFailures(evidence),
	];
}

const contentOf = ({ id, device, category, priority, text }: Row) => JSON.stringify([id, device, category, priority, text]);
const byId = (rows: readonly Row[]) => new Map(rows.map((row) => [row["id"], row]));

function ticketFailures({ promised, listed }: Evidence, here: readonly Row[], there: readonly Row[]): string[] {
	const found: string[] = [];
	const thereByText = Map.groupBy(there, ({ text }) => text);
	for (const ticket of promised.tickets) {
		const [first, ...others] = thereByText.get(ticket.text) ?? [];
		if (!first) found.push(`ticket ${ticket.id} was promised and is not at sysops`);
		else if (others.length > 0) found.push(`ticket ${ticket.id} is at sysops ${others.length + 1} times`);
		else if (contentOf(first) !== contentOf(ticket)) found.push(`ticket ${ticket.id} is at sysops with another content`);
		else if (first["customer_id"] !== ticket.customerId) found.push(`ticket ${ticket.id} is at sysops as another customer's`);
		if (!listed.has(ticket.id)) found.push(`ticket ${ticket.id} was promised and is not in its customer's list`);
	}
	const known = byId(here);
	for (const { id, customer_id } of there) {
		if (known.get(id)?.["customer_id"] !== customer_id)
			found.push(`ticket ${id} is at sysops and unknown to its customer's shard`);
	}
	return found;
}

function commentFailures({ promised }: Evidence, here: readonly Row[], there: readonly Row[]): string[] {
	const found: string[] = [];
	const byText = Map.groupBy(there, ({ text }) => text);
	for (const comment of promised.comments) {
		const same = byText.get(comment.text) ?? [];
		if (same.length !== 1) found.push(`comment ${comment.id} is at sysops ${same.length} times`);
		else if (same[0]?.["ticket_id"] !== comment.ticketId) found.push(`comment ${comment.id} is at another ticket`);
	}
	const known = byId(here);
	for (const { id } of there) if (!known.has(id)) found.push(`comment ${id} is at sysops and unknown to its customer's shard`);
	return found;
}

/** The customer sees what sysops says; what was acknowledged to customers and staff has come about. */
function statusFailures({ promised, resolved }: Evidence, here: readonly Row[], there: readonly Row[]): string[] {
	const found: string[] = [];
	const work = byId(there);
	for (const { id, status, version } of here) {
		const ticket = work.get(id);
		const said = ticket?.["status"] === "queued" ? "received" : ticket?.["status"];
		if (status !== said) found.push(`ticket ${id} is ${status} for its customer, and ${ticket?.["status"]} at sysops`);
		if (version !== ticket?.["version"])
			found.push(`ticket ${id} has version ${version} here, and ${ticket?.["version"]} at sysops`);
	}
	for (const { ticketId } of promised.cancellations) {
		const status = String(work.get(ticketId)?.["status"]);
		if (!["cancelled", "in_progress", "resolved"].includes(status)) {
			found.push(`ticket ${ticketId} was to be cancelled and is ${status} at sysops`);
		}
	}
	for (const id of resolved) {
		if (work.get(id)?.["status"] !== "resolved") found.push(`the resolution of ticket ${id} was acknowledged and is gone`);
	}
	return found;
}

/** Who has an expert has one, at a time when that expert is nowhere else: the tables' keys see to the latter. */
function visitFailures(there: readonly Row[], visits: readonly Row[]): string[] {
	const found: string[] = [];
	const visitOf = new Map(visits.map((visit) => [visit["ticket_id"], visit]));
	for (const { id, status, expert_id, visit_from } of there) {
		const visit = visitOf.get(id);
		const coming = ["assigned", "accepted", "in_progress"].includes(String(status));
		if (coming && !(visit && visit["expert_id"] === expert_id && visit["starts_at"] === visit_from)) {
			found.push(`ticket ${id} is ${status} and the visit of its expert is not kept free`);
		}
		if (visit && (status === "queued" || status === "cancelled"))
			found.push(`ticket ${id} is ${status} and takes somebody's time`);
	}
	return found;
}

function factFailures({ surveys }: Evidence, there: readonly Row[], closings: readonly Row[], stored: readonly Row[]): string[] {
	const found: string[] = [];
	const factOf = new Map(closings.map((fact) => [fact["ticket_id"], fact]));
	for (const { id, status } of there) {
		const fact = factOf.get(id);
		const closed = status === "resolved" || status === "cancelled";
		if (closed && fact?.["outcome"] !== status) found.push(`ticket ${id} is ${status}, and analytics knows ${fact?.["outcome"]}`);
		if (!closed && fact) found.push(`ticket ${id} is ${status}, and analytics takes it for closed`);
	}
	const answered = byId(stored);
	for (const { surveyId, satisfaction } of surveys) {
		const said = answered.get(surveyId)?.["satisfaction"];
		if (said !== satisfaction) found.push(`survey ${surveyId} was answered with ${satisfaction}, and analytics has ${said}`);
	}
	return found;
}

/** Each is verified, and in the vault once; one that was removed is nowhere but in its tombstones. */
function cardFailures({ cards }: Evidence, rows: (worker: DeployedWorker, table: string) => readonly Row[]): string[] {
	const found: string[] = [];
	const here = byId(rows("customer", "cards"));
	const [there, vault, fingerprints] = ["cards", "vault", "fingerprints"].map((table) =>
		Map.groupBy(rows("billing", table), (row) => row["card_id"]),
	);
	for (const { cardId, customerId, removed } of cards) {
		const is = here.get(cardId)?.["state"];
		const stands = there?.get(cardId)?.[0];
		const kept = [vault, fingerprints].map((table) => table?.get(cardId)?.length ?? 0).join(" and ");
		const expected = removed ? "removed" : "verified";
		if (is !== expected) found.push(`card ${cardId} was to be ${expected} and is ${is} for its customer`);
		if (stands?.["state"] !== expected) found.push(`card ${cardId} was to be ${expected} and is ${stands?.["state"]} at billing`);
		if (stands?.["customer_id"] !== customerId) found.push(`card ${cardId} is at billing as another customer's`);
		if (kept !== (removed ? "0 and 0" : "1 and 1"))
			found.push(`card ${cardId} is ${expected}, and has ${kept} rows in the vault`);
	}
	return found;
}

/** One mail for each ticket that was closed; none that nobody has begun to send. A claim that was killed has its lease. */
function messageFailures(here: readonly Row[], notifications: readonly Row[]): string[] {
	const found: string[] = [];
	for (const { id, status, attempts } of notifications) {
		if (status !== "sent" && !(status === "pending" && Number(attempts) > 0)) found.push(`message ${id} is ${status}`);
	}
	for (const outcome of ["resolved", "cancelled"]) {
		const tickets = here.filter(({ status }) => status === outcome).length;
		const mails = notifications.filter(({ template }) => template === `ticket_${outcome}`).length;
		if (tickets !== mails) found.push(`${tickets} tickets are ${outcome}, and ${mails} messages said so`);
	}
	return found;
}

function leftFailures({ stored }: Evidence): string[] {
	return Object.entries(stored).flatMap(([worker, databases]) =>
		databases.flatMap(({ outbox = [], quarantine = [], dead_letters = [] }) => [
			...(outbox.length > 0 ? [`${outbox.length} events are left in an outbox of ${worker}`] : []),
			...(quarantine.length + dead_letters.length > 0
				? [`${quarantine.length} messages in quarantine and ${dead_letters.length} dead letters at ${worker}`]
				: []),
		]),
	);
}
