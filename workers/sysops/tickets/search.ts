import { type Statement, sql } from "../../../shared/sql.ts";
import { hours } from "../../../shared/time.ts";
import type { SearchKind } from "./schemas.ts";
import { ticketFields } from "./store.ts";
import type { TicketRow } from "./ticket.ts";

/** How one search reads a page: `limit` rows of one index from the cursor on, however many tickets there are. */
export interface Search {
	/** Parameters: `:sought`, `:actor` (whose e-mail address), `:now`, and of the page `:at`, `:id` and `:limit`. */
	readonly page: Statement;
	readonly first: "oldest" | "newest";
	/** The time by which the list is ordered, which the cursor carries. */
	readonly at: (row: TicketRow) => number;
}

const overdueAfter = 24 * hours;

/** `index` where SQLite would take that of the status for the shorter way. */
function search(
	where: string,
	time: "submitted_at" | "opened_at" | "visit_from" | "visit_to",
	{ first = "oldest", index }: { first?: Search["first"]; index?: string } = {},
): Search {
	const [after, direction] = first === "oldest" ? [">", "asc"] : ["<", "desc"];
	const page = sql(`select ${ticketFields} from tickets ${index === undefined ? "" : `indexed by ${index}`}
		where ${where} and (${time}, id) ${after} (:at, :id)
		order by ${time} ${direction}, id ${direction} limit :limit`);
	return { page, first, at: (row) => row[time] ?? 0 };
}

/** The cursor has no name in it: it is that of the ticket which it names, or, when that is pruned, where the list began. */
const byName: Search = {
	page: sql(`select ${ticketFields} from tickets
		where customer_name < :sought || char(1114111) and (customer_name, submitted_at, id) >
			(coalesce((select customer_name from tickets where id = :id), :sought), :at, :id)
		order by customer_name, submitted_at, id limit :limit`),
	first: "oldest",
	at: (row) => row.submitted_at,
};

/** What an expert has in hand, by when the visit is. The literal list is that of the index. */
const inHand = "status in ('assigned', 'accepted', 'in_progress')";

export const searches: Readonly<Record<SearchKind, Search>> = {
	status: search("status = :sought", "submitted_at"),
	customer: search("customer_id = :sought", "submitted_at", { first: "newest" }),
	phone: search("customer_phone = :sought", "submitted_at", { first: "newest" }),
	name: byName,
	expert: search(
		`${inHand} and expert_id = iif(:sought = 'me', (select id from experts where email = :actor), :sought)`,
		"visit_from",
		{ index: "tickets_of_expert" },
	),
	waiting: search("waiting_reason = :sought", "opened_at"),
	overdue: search(`status in ('accepted', 'in_progress') and visit_to < :now - ${overdueAfter}`, "visit_to", {
		index: "tickets_overdue",
	}),
};

/** What nobody can take, for whatever reason. */
export const waitingAtAll = search("waiting_reason is not null", "opened_at");
