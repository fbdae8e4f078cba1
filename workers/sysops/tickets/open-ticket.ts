import type { Ctx } from "../../../shared/context.ts";
import { PartOfDay, type TicketSubmitted } from "../../../shared/events/customer.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { shardOf } from "../../../shared/ids.ts";
import { commitRows, effect } from "../../../shared/messaging/effects.ts";
import { sql } from "../../../shared/sql.ts";
import type { Actor } from "../../../shared/staff/require-staff.ts";
import { identify } from "./identify.ts";
import { picture } from "./move.ts";
import type { NewTicket } from "./schemas.ts";
import { insertTicket, ticketFields } from "./store.ts";
import { type Ticket, type TicketRow, ticketOf } from "./ticket.ts";
import { emitStatusChanged, given } from "./transition.ts";

export interface OpenTicket extends NewTicket {
	readonly actor: Actor;
	readonly idempotencyKey: string | undefined;
}

/** An audit row of before names what its key was used for. */
const effects = [
	`insert into audit (id, at, actor, action, subject, before, after)
	values (:auditId, :now, :actor, 'ticket_opened', :ticketId, null, ${picture("'queued'", "null", "null")})
	on conflict do nothing
	returning 1`,
	insertTicket(given, {
		where: "changes() = 1",
		openedBy: ":actor",
		run: ":run",
		version: ":now",
	}),
	emitStatusChanged(given),
].map(effect);

const selectOpened = sql(`select ${ticketFields} from tickets
	where id = (select subject from audit where id = :auditId)`);

/**
 * Opens a ticket for a customer who phones: it waits for an expert, and the customer's portal is told. Throws
 * `not_permitted` or `idempotency_key_reused`.
 */
export async function openTicket({ ctx, input }: { ctx: Ctx; input: OpenTicket }): Promise<Ticket> {
	const { actor, idempotencyKey: key, customerId, device, category, priority = "normal", text, customer } = input;
	if (actor.role === "expert") throw new Problem("not_permitted");
	const availability = input.availability ?? [...PartOfDay.options];
	const { id: ticketId, auditId } = await identify(ctx, "tkt", { actor, shard: shardOf(customerId), key });

	const content = { device, category, priority, text, availability, customer };
	const data: TicketSubmitted = { ticketId, submittedAt: ctx.now(), ...content };
	const { effects: done, reads } = await commitRows(ctx, "00", {
		effects,
		rows: [{ subject: customerId, data }],
		params: { ticketId, auditId, actor: actor.email },
		reads: [selectOpened],
	});
	const row = reads[0]?.results[0] as TicketRow | undefined; // of `selectOpened`
	if (done[0]?.results.length === 1) ctx.log.info("ticket_opened", { ticketId });
	if (!row || row.customer_id !== customerId || contentOf(row) !== JSON.stringify(content)) {
		throw new Problem("idempotency_key_reused");
	}
	return ticketOf(row);
}

/** What was asked for when the ticket was opened: none of it changes. */
function contentOf({ device, category, priority, text, availability, customer }: TicketRow): string {
	const parsed: object = { availability: JSON.parse(availability), customer: JSON.parse(customer) };
	return JSON.stringify({ device, category, priority, text, ...parsed });
}
