import { Hono } from "hono/tiny";
import { check } from "../../../shared/http/body.ts";
import { PageQuery } from "../../../shared/http/page.ts";
import type { App } from "../context.ts";
import { requireSession } from "../sessions/require-session.ts";
import { getInvoice, listInvoices } from "./read-invoices.ts";
import { invoiceIdOf } from "./schemas.ts";

export const invoiceRoutes = new Hono<App>()
	.use(requireSession)
	.get("/", async (c) => {
		const page = check(PageQuery, c.req.query());
		const { customerId } = c.get("session");
		return c.json(await listInvoices({ ctx: c.get("ctx"), input: { ...page, customerId } }));
	})
	.get("/:id", async (c) => {
		const { customerId } = c.get("session");
		const invoiceId = invoiceIdOf(c.req.param("id"));
		return c.json(await getInvoice({ ctx: c.get("ctx"), input: { customerId, invoiceId } }));
	});
