import type { Ctx } from "../../../shared/context.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { idOf } from "../../../shared/ids.ts";
import { commitRows, type Effect, type Emission, effect } from "../../../shared/messaging/effects.ts";
import { type Statement, sql } from "../../../shared/sql.ts";
import type { Actor, Role } from "../../../shared/staff/require-staff.ts";
import { ticketFields } from "./store.ts";
import { type Status, type Ticket, type TicketRow, ticketOf } from "./ticket.ts";
import { emitClosed, emitStatusChanged, given, movedTo } from "./transition.ts";

/** How the staff move a ticket from one status to another. Built once at module level. */
interface Move {
	/** A word for the audit. */
	readonly action: string;
	/** Who may do it beside the expert to whom the ticket is assigned. */
	readonly standIns: readonly Role[];
	readonly effects: readonly Effect[];
	readonly outcome: Statement;
}

/** The expert to whom it is assigned; who stands in has been let through. */
export const theirs = "(:role <> 'expert' or exists (select 1 from experts where id = tickets.expert_id and email = :actor))";

/** Of the batch whose audit row was written: that statement alone decides. */
const decided = "exists (select 1 from audit where id = :auditId)";

/** What an audit row shows of a ticket. */
export const picture = (status: string, expert = "expert_id", visitFrom = "visit_from") =>
	`json_object('status', ${status}, 'expert', ${expert}, 'visit', ${visitFrom})`;

/**
 * `set`: other columns beside the status. `releases`: nobody comes any more. `before`: statements on the old state, `and`
 * those beside the change, each under the `decided` that they are given. `same`: that a repetition says the same as what
 * stands. `:said` is what the staff say about it.
 */
export function move(
	action: string,
	{
		from,
		to,
		standIns,
		set = [],
		releases = false,
		before = () => [],
		same = "true",
	}: {
		from: readonly Status[];
		to: Status;
		standIns: readonly Role[];
		set?: readonly string[];
		releases?: boolean;
		before?: (decided: string) => readonly string[];
		same?: string;
	},
): Move {
	const after = releases ? picture(`'${to}'`, "null", "null") : picture(`'${to}'`);
	const audited = `insert into audit (id, at, actor, action, subject, before, after)
		select :auditId, :now, :actor, '${action}', id, ${picture("status")}, ${after} from tickets
		where id = :ticketId and status in (${from.map((status) => `'${status}'`).join(", ")}) and ${theirs}
		returning 1`;
	const moved = `update tickets set ${[movedTo(to), ...set].join(", ")} where id = :ticketId and ${decided}`;
	const ends: Emission[] = to === "resolved" || to === "cancelled" ? [emitClosed(given)] : [];
	const outcome = sql(`select ${ticketFields}, ${theirs} as permitted,
		status = '${to}' and ${same} and exists (select 1 from audit where subject = tickets.id and at = tickets.changed_at
			and actor = :actor and action = '${action}') as repeated
		from tickets where id = :ticketId`);
	const statements = [audited, ...before(decided), moved, emitStatusChanged(given), ...ends];
	return { action, standIns, effects: statements.map(effect), outcome };
}

export interface MoveTicket {
	readonly actor: Actor;
	readonly ticketId: string;
}

/**
 * Moves a ticket on, with its audit row and what customer and reports are told, in one batch. A repetition, as long as
 * nothing else has happened to the ticket, changes nothing. Throws `not_found`, `not_permitted` or `wrong_status`.
 */
export async function carryOut(
	ctx: Ctx,
	{ action, standIns, effects, outcome }: Move,
	{ actor, ticketId, said = null }: MoveTicket & { said?: string | null },
): Promise<Ticket> {
	if (actor.role !== "expert" && !standIns.includes(actor.role)) throw new Problem("not_permitted");
	const auditId = idOf("aud", "00", ctx.randomBytes(16));
	const params = { ticketId, said, actor: actor.email, role: actor.role, auditId };
	const { effects: done, reads } = await commitRows(ctx, "00", {
		effects,
		rows: [{ data: { ticketId } }],
		params,
		reads: [outcome],
	});
	const applied = done[0]?.results.length === 1;
	const row = reads[0]?.results[0] as (TicketRow & { permitted: number; repeated: number }) | undefined; // of `outcome`
	if (!row) throw new Problem("not_found");
	if (applied) ctx.log.info(action, { ticketId });
	if (applied || row.repeated) return ticketOf(row);
	throw new Problem(row.permitted ? "wrong_status" : "not_permitted");
}
