import { Hono } from "hono";
import { check } from "../../../shared/http/body.ts";
import { requireStaff } from "../../../shared/staff/require-staff.ts";
import type { App } from "../context.ts";
import { getTicket, listTickets } from "./read-tickets.ts";
import { ListQuery } from "./schemas.ts";

export const ticketRoutes = new Hono<App>()
	.use(requireStaff())
	.get("/", async (c) => c.json(await listTickets({ ctx: c.get("ctx"), input: check(ListQuery, c.req.query()) })))
	.get("/:id", async (c) => c.json(await getTicket({ ctx: c.get("ctx"), input: { ticketId: c.req.param("id") } })));
