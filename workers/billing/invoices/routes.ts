import { Hono } from "hono";
import { check, readJson } from "../../../shared/http/body.ts";
import { idempotencyKeyOf } from "../../../shared/http/idempotency-key.ts";
import { PageQuery } from "../../../shared/http/page.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { requireStaff } from "../../../shared/staff/require-staff.ts";
import type { App } from "../context.ts";
import { requestRefund } from "../refunds/request-refund.ts";
import { NewRefund } from "../refunds/schemas.ts";
import { getInvoice, listInvoices } from "./read-invoices.ts";

/** Experts need no invoice. */
const reader = requireStaff("helpdesk", "administrator");

export const invoiceRoutes = new Hono<App>()
	.get("/:id", reader, async (c) => c.json(await getInvoice({ ctx: c.get("ctx"), input: { invoiceId: c.req.param("id") } })))
	.post("/:id/refunds", reader, async (c) => {
		// without one a form sent twice would give back twice
		const idempotencyKey = idempotencyKeyOf(c.req.raw);
		if (idempotencyKey === undefined) throw new Problem("malformed_idempotency_key");
		const body = await readJson(c.req.raw, NewRefund);
		const input = { ...body, actor: c.get("actor"), invoiceId: c.req.param("id"), idempotencyKey };
		return c.json(await requestRefund({ ctx: c.get("ctx"), input }), 202);
	});

export const customerInvoiceRoutes = new Hono<App>().get("/:customerId/invoices", reader, async (c) => {
	const input = { ...check(PageQuery, c.req.query()), customerId: c.req.param("customerId") };
	return c.json(await listInvoices({ ctx: c.get("ctx"), input }));
});
