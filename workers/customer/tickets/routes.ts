import { Hono } from "hono/tiny";
import { check, readJson } from "../../../shared/http/body.ts";
import { idempotencyKeyOf } from "../../../shared/http/idempotency-key.ts";
import { PageQuery } from "../../../shared/http/page.ts";
import type { App } from "../context.ts";
import { allowGrace, requireSession } from "../sessions/require-session.ts";
import { commentOnTicket } from "./comment-on-ticket.ts";
import { getTicket, listTickets } from "./read-tickets.ts";
import { requestCancellation } from "./request-cancellation.ts";
import { requestReopening } from "./request-reopening.ts";
import { NewCancellation, NewComment, NewReopening, NewTicket, ticketIdOf } from "./schemas.ts";
import { submitTicket } from "./submit-ticket.ts";

export const ticketRoutes = new Hono<App>()
	.post("/", allowGrace)
	.use(requireSession)
	.post("/", async (c) => {
		const idempotencyKey = idempotencyKeyOf(c.req.raw);
		const body = await readJson(c.req.raw, NewTicket);
		const ticket = await submitTicket({ ctx: c.get("ctx"), input: { ...body, session: c.get("session"), idempotencyKey } });
		return c.json(ticket, 202, { location: `/api/v1/tickets/${ticket.id}` });
	})
	.get("/", async (c) => {
		const page = check(PageQuery, c.req.query());
		const { customerId } = c.get("session");
		return c.json(await listTickets({ ctx: c.get("ctx"), input: { ...page, customerId } }));
	})
	.get("/:id", async (c) => {
		const { customerId } = c.get("session");
		const ticketId = ticketIdOf(c.req.param("id"));
		return c.json(await getTicket({ ctx: c.get("ctx"), input: { customerId, ticketId } }));
	})
	.post("/:id/comments", async (c) => {
		const ticketId = ticketIdOf(c.req.param("id"));
		const idempotencyKey = idempotencyKeyOf(c.req.raw);
		const body = await readJson(c.req.raw, NewComment);
		const input = { ...body, session: c.get("session"), ticketId, idempotencyKey };
		return c.json(await commentOnTicket({ ctx: c.get("ctx"), input }), 202);
	})
	.post("/:id/cancellation", async (c) => {
		const ticketId = ticketIdOf(c.req.param("id"));
		idempotencyKeyOf(c.req.raw); // asking twice changes nothing anyway
		await readJson(c.req.raw, NewCancellation);
		return c.json(await requestCancellation({ ctx: c.get("ctx"), input: { session: c.get("session"), ticketId } }), 202);
	})
	.post("/:id/reopening", async (c) => {
		const ticketId = ticketIdOf(c.req.param("id"));
		const idempotencyKey = idempotencyKeyOf(c.req.raw);
		const body = await readJson(c.req.raw, NewReopening);
		const input = { ...body, session: c.get("session"), ticketId, idempotencyKey };
		return c.json(await requestReopening({ ctx: c.get("ctx"), input }), 202);
	});
