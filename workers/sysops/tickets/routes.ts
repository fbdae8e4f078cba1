import { Hono } from "hono";
import * as v from "valibot";
import { check } from "../../../shared/http/body.ts";
import { PageQuery } from "../../../shared/http/page.ts";
import type { App } from "../context.ts";
import { requireStaff } from "../staff/require-staff.ts";
import { getTicket, listTickets } from "./read-tickets.ts";

const ListQuery = v.object({ ...PageQuery.entries, status: v.optional(v.picklist(["queued", "cancelled"]), "queued") });

export const ticketRoutes = new Hono<App>()
	.use(requireStaff)
	.get("/", async (c) => c.json(await listTickets({ ctx: c.get("ctx"), input: check(ListQuery, c.req.query()) })))
	.get("/:id", async (c) => c.json(await getTicket({ ctx: c.get("ctx"), input: { ticketId: c.req.param("id") } })));
