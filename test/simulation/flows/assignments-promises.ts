import type { Cluster } from "../cluster.ts";
import { selectTornVisits, shown } from "./assignments-witnesses.ts";

/** What the staff were told, which must be true in the end. */
export interface StaffTold {
	/** `ticket expert status`, as sysops must have said it once. */
	readonly moves: Set<string>;
	/** `ticket expert`. */
	readonly rejections: Set<string>;
	/** Comment → `ticket text`. */
	readonly replies: Map<string, string>;
	/** Tickets that helpdesk has opened, each with its customer and what was wrong. */
	readonly opened: Map<string, string>;
}

interface Said {
	id: string;
	version: number;
	picture: string;
	expert_id: string | null;
}
const selectView = `select id, version, ${shown("tickets")} as picture from tickets`;
/** SQLite writes a whole number that was bound as `1.0` into JSON. */
const key = ({ id, version, picture }: Said) => `${id} ${version} ${picture.replaceAll(".0}", "}")}`;
const statusIn = (picture: string): string => JSON.parse(picture)[0];

/** At every moment: no ticket is torn between the tables of sysops. */
export function assignmentsAtEveryMoment(cluster: Cluster): string[] {
	const torn = cluster.rows<Said>("sysops", selectTornVisits).map(({ id }) => `${id}: its ticket and its visit disagree`);
	return torn;
}

/** In the end: the customer sees of each ticket what sysops said last, and what the staff were told is so. */
export function assignmentsInTheEnd(cluster: Cluster, told: StaffTold): string[] {
	const found: string[] = [];
	const history = cluster.rows<Said>("sysops", "select id, version, picture, expert_id from told order by version");
	const last = new Map(history.map((one) => [one.id, one]));
	const views = new Map(cluster.rows<Said>("customer", selectView).map((one) => [one.id, one]));
	const said = new Set(history.map(key));
	const invented = cluster.rows<Said>("customer", "select id, version, picture from seen").filter((one) => !said.has(key(one)));
	for (const { id, picture } of invented) found.push(`the customer of ${id} has seen what sysops never said: ${picture}`);
	for (const [id, newest] of last) {
		const view = views.get(id);
		// Of a ticket that sysops has only received, the receipt has told the customer: that has no version and no steps.
		const isReceived = newest.version === 0 && view?.version === 0 && statusIn(view.picture) === "received";
		if (!isReceived && !(view && key(view) === key(newest))) {
			found.push(`the customer of ${id} sees ${view?.picture} instead of ${newest.picture}`);
		}
	}
	const moves = new Set(history.map(({ id, expert_id, picture }) => `${id} ${expert_id} ${statusIn(picture)}`));
	for (const move of told.moves) if (!moves.has(move)) found.push(`acknowledged, and sysops never said so: ${move}`);
	const gone = new Set(cluster.rows<{ id: string }>("sysops", "select id from pruned").map(({ id }) => id));
	const rejections = new Set(
		cluster
			.rows<{ what: string }>("sysops", "select ticket_id || ' ' || expert_id as what from rejections")
			.map(({ what }) => what),
	);
	for (const rejection of told.rejections) {
		const forgotten = !rejections.has(rejection) && !gone.has(rejection.split(" ")[0] ?? "");
		if (forgotten) found.push(`a rejection is forgotten: ${rejection}`);
	}
	const replies = new Map(
		cluster
			.rows<{ id: string; text: string }>(
				"customer",
				"select id, ticket_id || ' ' || text as text from comments where author <> ''",
			)
			.map(({ id, text }) => [id, text]),
	);
	for (const [id, text] of told.replies)
		if (replies.get(id) !== text) found.push(`a reply was acknowledged and did not come: ${text}`);
	const opened = cluster.rows<{ id: string; text: string }>(
		"customer",
		"select id, customer_id || ' ' || text as text from tickets",
	);
	const texts = new Map(opened.map(({ id, text }) => [id, text]));
	for (const [id, text] of told.opened) if (texts.get(id) !== text) found.push(`${id} was opened on the phone and is not there`);
	return found;
}

interface Closing {
	ticket_id: string;
	closing: number;
	fact: string;
}
const selectFacts = `select ticket_id, closing, json_array(outcome, category, region, expert_id, opened_at, assigned_at, closed_at, rework_of) as fact from closings`;

/** Each time that a ticket was closed is one fact at analytics, and there is no other. */
export function closingsInTheEnd(cluster: Cluster): string[] {
	const name = ({ ticket_id, closing }: Closing) => `${ticket_id} for the ${closing}. time`;
	const facts = new Map(cluster.rows<Closing>("analytics", selectFacts).map((row) => [name(row), row.fact]));
	const closed = cluster.rows<Closing>("sysops", "select ticket_id, closing, fact from closed");
	const found = closed
		.filter((row) => facts.get(name(row)) !== row.fact)
		.map((row) => `analytics does not know that ${name(row)} was closed: ${row.fact}, ${facts.get(name(row))}`);
	if (facts.size > closed.length) found.push("analytics knows of a closing that never was");
	return found;
}
