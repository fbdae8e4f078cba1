import type { Ctx } from "../../../shared/context.ts";
import type { Session } from "../../../shared/crypto/session-token.ts";
import type { CustomerSnapshot, TicketSubmitted } from "../../../shared/events/customer.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { shardOf } from "../../../shared/ids.ts";
import { newEvent } from "../../../shared/messaging/envelope.ts";
import { commit, outboxParams } from "../../../shared/messaging/outbox.ts";
import { prepare } from "../../../shared/sql.ts";
import { identify } from "./idempotency.ts";
import type { NewTicket } from "./schemas.ts";
import { emitTicketSubmitted, explainRefusal, insertTicket, selectTicket, snapshotColumns } from "./store.ts";
import { type Ticket, type TicketRow, ticketOf, untouched } from "./ticket.ts";

export interface SubmitTicket extends NewTicket {
	readonly session: Session;
	readonly idempotencyKey: string | undefined;
}

/**
 * Submits a ticket in one durable write and sends it off after the answer.
 *
 * Throws `session_revoked`, `profile_incomplete` with what is missing, `no_active_plan`, or `idempotency_key_reused`.
 */
export async function submitTicket({ ctx, input }: { ctx: Ctx; input: SubmitTicket }): Promise<Ticket> {
	const { session, idempotencyKey: key, device, category, priority, text, availability } = input;
	const { customerId, sessionId } = session;
	const content = { device, category, priority, text, availability };
	const { id: ticketId, requestDigest } = await identify(ctx, "tkt", { customerId, operation: "submit", key, content });
	const shard = shardOf(customerId);
	const database = ctx.databases.get(shard);

	const now = ctx.now();
	const data: Omit<TicketSubmitted, "customer"> = { ticketId, submittedAt: now, ...content };
	const event = newEvent(ctx, shard, { type: "TicketSubmitted", subject: customerId, data, at: now });
	const stored = { ...content, availability: JSON.stringify(availability) };
	const params = {
		...stored,
		...outboxParams(ctx, event),
		now,
		ticketId,
		requestDigest,
		customerId,
		sessionId,
	};
	const { emitted } = await commit(ctx, database, { change: insertTicket, emit: emitTicketSubmitted, params });
	if (!emitted) return repeatedOrRefused(ctx, { ticketId, customerId, sessionId, requestDigest, now });

	ctx.log.info("ticket_submitted", { ticketId, eventId: event.id });
	return ticketOf({ ...untouched, ...stored, id: ticketId, created_at: now });
}

/** The shape of `explainRefusal`. */
type Refusal = Record<keyof CustomerSnapshot, string | null> & { revoked: number; active: number };

/** Throws what would be in the way of a ticket, if anything is: `profile_incomplete` or `no_active_plan`. */
function refuse(refusal: Refusal | undefined): void {
	const missing = Object.keys(snapshotColumns).filter((field) => !refusal?.[field as keyof CustomerSnapshot]);
	if (missing.length > 0) throw new Problem("profile_incomplete", { missing });
	if (!refusal?.active) throw new Problem("no_active_plan");
}

/** Whether this customer could submit a ticket now. Throws `session_revoked`, `profile_incomplete` or `no_active_plan`. */
export async function checkSubmission({ ctx, input }: { ctx: Ctx; input: { session: Session } }): Promise<void> {
	const database = ctx.databases.get(shardOf(input.session.customerId));
	const { results } = await prepare(database, explainRefusal, { ...input.session, now: ctx.now() }).all<Refusal>();
	if (results[0]?.revoked) throw new Problem("session_revoked");
	refuse(results[0]);
}

/** The write hit nothing: it was made before, or something that it depends on does not hold. */
async function repeatedOrRefused(
	ctx: Ctx,
	params: { ticketId: string; customerId: string; sessionId: string; requestDigest: string; now: number },
): Promise<Ticket> {
	const database = ctx.databases.get(shardOf(params.customerId));
	const [refusals, tickets] = await database.batch([
		prepare(database, explainRefusal, params),
		prepare(database, selectTicket, params),
	]);
	const refusal = refusals?.results[0] as Refusal | undefined; // its shape
	const ticket = tickets?.results[0] as (TicketRow & { request_digest: string }) | undefined; // of `selectTicket`
	if (refusal?.revoked) throw new Problem("session_revoked");
	// one that sysops had to bring back has no digest: its id says that it is the one
	const known = [params.requestDigest, ""];
	if (ticket && !known.includes(ticket.request_digest)) throw new Problem("idempotency_key_reused");
	if (ticket) return ticketOf(ticket);

	refuse(refusal);
	throw new Problem("unavailable"); // what was in the way is gone again: the same request will do
}
