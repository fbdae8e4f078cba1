import type { Ctx } from "../../../shared/context.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { shardOf } from "../../../shared/ids.ts";
import { commitRows, effect, emission } from "../../../shared/messaging/effects.ts";
import { sql } from "../../../shared/sql.ts";
import type { Actor } from "../../../shared/staff/require-staff.ts";
import { identify } from "./identify.ts";
import { theirs } from "./move.ts";
import { type Comment, type CommentRow, commentOf } from "./ticket.ts";
import { given } from "./transition.ts";

export interface ReplyToTicket {
	readonly actor: Actor;
	readonly ticketId: string;
	readonly text: string;
	readonly idempotencyKey: string | undefined;
}

/** As customers read it: an expert has a name, behind helpdesk and administrators stand all of us. */
const author = "iif(:role = 'expert', (select name from experts where email = :actor), 'Service team')";

/** An audit row of before names what its key was used for. Each statement follows upon the one row of the one before it. */
const effects = [
	`insert into audit (id, at, actor, action, subject, before, after)
	select :auditId, :now, :actor, 'ticket_replied', :commentId, null, json_object('ticket', id, 'author', ${author})
	from tickets where id = :ticketId and ${theirs}
	on conflict do nothing
	returning 1`,
	`insert into comments (id, ticket_id, commented_at, text, author)
	select :commentId, :ticketId, :now, :text, ${author} where changes() = 1`,
	emission("TicketReplied", {
		from: `${given} cross join comments as c on c.id = :commentId cross join tickets as t on t.id = c.ticket_id`,
		where: "changes() = 1",
		subject: "t.customer_id",
		data: `json_object('ticketId', t.id, 'commentId', c.id, 'repliedAt', c.commented_at, 'author', c.author, 'text', c.text)`,
	}),
].map(effect);

const selectOutcome = sql(`
	select ${theirs} as permitted, c.id, c.ticket_id, c.commented_at, c.author, c.text
	from tickets left join comments as c on c.id = (select subject from audit where id = :auditId)
	where tickets.id = :ticketId`);

type Outcome = { permitted: number } & ((CommentRow & { ticket_id: string }) | { id: null });

/**
 * Writes to the customer. Throws `not_found`, `not_permitted` for an expert to whom the ticket is not assigned, or
 * `idempotency_key_reused`.
 */
export async function replyToTicket({ ctx, input }: { ctx: Ctx; input: ReplyToTicket }): Promise<Comment> {
	const { actor, ticketId, text, idempotencyKey: key } = input;
	const { id: commentId, auditId } = await identify(ctx, "cmt", { actor, shard: shardOf(ticketId), key });
	const { effects: done, reads } = await commitRows(ctx, "00", {
		effects,
		rows: [{}],
		params: { ticketId, commentId, auditId, text, actor: actor.email, role: actor.role },
		reads: [selectOutcome],
	});
	const row = reads[0]?.results[0] as Outcome | undefined; // of `selectOutcome`
	if (!row) throw new Problem("not_found");
	if (done[0]?.results.length === 1) ctx.log.info("ticket_replied", { ticketId });
	if (row.id !== null && row.ticket_id === ticketId && row.text === text) return commentOf(row);
	throw new Problem(row.id === null && !row.permitted ? "not_permitted" : "idempotency_key_reused");
}
