import { Table } from "../../../shared/ui/table.tsx";
import { Badge, ButtonLink, DateTime, Days, EmptyState, formatMoney } from "../../../shared/ui/text.tsx";
import { InvoiceDocument } from "./document.tsx";
import type { Invoice, InvoiceSummary } from "./schemas.ts";

export const InvoiceTable = ({ invoices }: { invoices: readonly InvoiceSummary[] }) => (
	<Table
		caption="Your invoices, the newest first"
		columns={["Invoice", "Date", "For the period", "Amount"]}
		rows={invoices.map(({ id, kind, number, issuedAt, period, total }) => [
			<a class="whole" href={`/invoices/${id}`}>
				{number}
			</a>,
			<DateTime at={issuedAt} />,
			<Days period={period} />,
			kind === "credit_note" ? (
				<span class="row">
					{formatMoney(total)} given back <Badge kind="plain">Credit note</Badge>
				</span>
			) : (
				formatMoney(total)
			),
		])}
	/>
);

export const NoInvoices = () => (
	<EmptyState title="No invoices yet">
		<p>Your first invoice comes when the first month of your plan is paid, about a day after it has begun: here and by e-mail.</p>
		<ButtonLink href="/plan">See your plan</ButtonLink>
	</EmptyState>
);

/** What is around the invoice stays on the screen. */
export const InvoicePage = ({ invoice }: { invoice: Invoice }) => (
	<>
		<div class="head screen">
			<a class="link" href="/invoices">
				All invoices
			</a>
			<p class="quiet small">Print this page with your browser, or save it as a PDF: only the sheet below is printed.</p>
		</div>
		<InvoiceDocument invoice={invoice} />
	</>
);
