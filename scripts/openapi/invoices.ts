import * as v from "valibot";
import { PageQuery } from "../../shared/http/page.ts";
import { Invoice, InvoiceSummary } from "../../workers/customer/invoices/schemas.ts";
import { invoice, invoiceSummary } from "./examples.ts";
import type { Operation } from "./operation.ts";

const InvoicePage = v.object({ items: v.array(InvoiceSummary), next: v.nullable(v.string()) });

export const invoiceSchemas = { Invoice, InvoicePage, InvoiceSummary };

const path = "/api/v1/invoices";

export const invoiceOperations: readonly Operation[] = [
	{
		id: "listInvoices",
		method: "get",
		path,
		summary: "The customer's invoices and credit notes, the newest first.",
		query: PageQuery,
		answers: {
			200: { description: "A page of invoices.", schema: InvoicePage, example: { items: [invoiceSummary], next: null } },
		},
	},
	{
		id: "getInvoice",
		method: "get",
		path: `${path}/{id}`,
		summary: "An invoice or a credit note, whole, as it was issued.",
		ids: { id: "inv" },
		answers: { 200: { description: "The invoice.", schema: Invoice, example: invoice } },
	},
];
