import { Hono } from "hono/tiny";
import { check } from "../../../shared/http/body.ts";
import { PageQuery } from "../../../shared/http/page.ts";
import { Pager } from "../../../shared/ui/text.tsx";
import type { App } from "../context.ts";
import { requireSignIn } from "../sessions/require-session.ts";
import { show } from "../show.tsx";
import { getInvoice, listInvoices } from "./read-invoices.ts";
import { invoiceIdOf } from "./schemas.ts";
import { InvoicePage, InvoiceTable, NoInvoices } from "./views.tsx";

const current = "/invoices";

export const invoicePages = new Hono<App>()
	.use(requireSignIn)
	.get("/", async (c) => {
		const { limit, cursor } = check(PageQuery, { cursor: c.req.query("cursor") });
		const { customerId } = c.get("session");
		const { items, next } = await listInvoices({ ctx: c.get("ctx"), input: { customerId, limit, cursor } });
		return show(
			c,
			{ title: "Invoices", current },
			<>
				<h1>Invoices</h1>
				{items.length === 0 && cursor === "" ? <NoInvoices /> : <InvoiceTable invoices={items} />}
				<Pager path={current} cursor={cursor} next={next} />
			</>,
		);
	})
	.get("/:id", async (c) => {
		const { customerId } = c.get("session");
		const invoiceId = invoiceIdOf(c.req.param("id"));
		const invoice = await getInvoice({ ctx: c.get("ctx"), input: { customerId, invoiceId } });
		return show(c, { title: invoice.number, current }, <InvoicePage invoice={invoice} />);
	});
