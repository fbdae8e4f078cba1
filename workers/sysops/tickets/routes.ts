import { Hono } from "hono";
import { check, readJson } from "../../../shared/http/body.ts";
import { idempotencyKeyOf } from "../../../shared/http/idempotency-key.ts";
import { requireStaff } from "../../../shared/staff/require-staff.ts";
import type { App } from "../context.ts";
import { acceptTicket } from "./accept-ticket.ts";
import { cancelTicket } from "./cancel-ticket.ts";
import { openTicket } from "./open-ticket.ts";
import { getTicket, listTickets } from "./read-tickets.ts";
import { rejectTicket } from "./reject-ticket.ts";
import { replyToTicket } from "./reply-to-ticket.ts";
import { resolveTicket } from "./resolve-ticket.ts";
import { ListQuery, NewMove, NewRejection, NewReply, NewResolution, NewTicket, ticketIdOf } from "./schemas.ts";
import { startTicket } from "./start-ticket.ts";

/** Who may read and do what with which ticket, the verbs decide. */
export const ticketRoutes = new Hono<App>()
	.use(requireStaff())
	.get("/", async (c) => {
		const input = { ...check(ListQuery, c.req.query()), actor: c.get("actor") };
		return c.json(await listTickets({ ctx: c.get("ctx"), input }));
	})
	.get("/:id", async (c) => {
		const input = { actor: c.get("actor"), ticketId: c.req.param("id") };
		return c.json(await getTicket({ ctx: c.get("ctx"), input }));
	})
	.post("/", async (c) => {
		const idempotencyKey = idempotencyKeyOf(c.req.raw);
		const body = await readJson(c.req.raw, NewTicket);
		const ticket = await openTicket({ ctx: c.get("ctx"), input: { ...body, actor: c.get("actor"), idempotencyKey } });
		return c.json(ticket, 201, { location: `/api/v1/tickets/${ticket.id}` });
	})
	.post("/:id/acceptance", async (c) => {
		const ticketId = ticketIdOf(c.req.param("id"));
		await readJson(c.req.raw, NewMove);
		return c.json(await acceptTicket({ ctx: c.get("ctx"), input: { actor: c.get("actor"), ticketId } }));
	})
	.post("/:id/rejection", async (c) => {
		const ticketId = ticketIdOf(c.req.param("id"));
		const { reason } = await readJson(c.req.raw, NewRejection);
		return c.json(await rejectTicket({ ctx: c.get("ctx"), input: { actor: c.get("actor"), ticketId, reason } }));
	})
	.post("/:id/start", async (c) => {
		const ticketId = ticketIdOf(c.req.param("id"));
		await readJson(c.req.raw, NewMove);
		return c.json(await startTicket({ ctx: c.get("ctx"), input: { actor: c.get("actor"), ticketId } }));
	})
	.post("/:id/resolution", async (c) => {
		const ticketId = ticketIdOf(c.req.param("id"));
		const { note } = await readJson(c.req.raw, NewResolution);
		return c.json(await resolveTicket({ ctx: c.get("ctx"), input: { actor: c.get("actor"), ticketId, note } }));
	})
	.post("/:id/cancellation", async (c) => {
		const ticketId = ticketIdOf(c.req.param("id"));
		await readJson(c.req.raw, NewMove);
		return c.json(await cancelTicket({ ctx: c.get("ctx"), input: { actor: c.get("actor"), ticketId } }));
	})
	.post("/:id/replies", async (c) => {
		const ticketId = ticketIdOf(c.req.param("id"));
		const idempotencyKey = idempotencyKeyOf(c.req.raw);
		const { text } = await readJson(c.req.raw, NewReply);
		const input = { actor: c.get("actor"), ticketId, text, idempotencyKey };
		return c.json(await replyToTicket({ ctx: c.get("ctx"), input }), 201);
	});
