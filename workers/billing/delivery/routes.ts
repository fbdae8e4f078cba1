import { Hono } from "hono";
import * as v from "valibot";
import { check, readJson } from "../../../shared/http/body.ts";
import { PageQuery } from "../../../shared/http/page.ts";
import { requireStaff } from "../../../shared/staff/require-staff.ts";
import type { App } from "../context.ts";
import { listUndelivered } from "./list-undelivered.ts";
import { redeliverInvoice } from "./redeliver-invoice.ts";

const reader = requireStaff("helpdesk", "administrator");

/** Nothing has to be said, but as JSON: no form of another site can send that. */
const NewRedelivery = v.strictObject({});

/** Invoices and credit notes that have not arrived at the customer quantum. */
export const deliveryRoutes = new Hono<App>()
	.get("/", reader, async (c) => c.json(await listUndelivered({ ctx: c.get("ctx"), input: check(PageQuery, c.req.query()) })))
	.post("/:invoiceId/redeliver", reader, async (c) => {
		await readJson(c.req.raw, NewRedelivery);
		const input = { actor: c.get("actor"), invoiceId: c.req.param("invoiceId") };
		return c.json(await redeliverInvoice({ ctx: c.get("ctx"), input }));
	});
