import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { byEmail, notify } from "../notifications/notify.ts";

const said = (field: string) => `m.value->>'$.data.${field}'`;

/** Which message of which batch it was: of two about one invoice in a batch, only one has brought it. */
const broughtBy = ":run || ' ' || (m.value->>'$.id')";

/**
 * An invoice or a credit note, stored as it was issued and never changed: whatever says it again finds it there, and tells
 * nobody. It is told by e-mail, in the same batch; who has no address finds it in the portal.
 */
export const onInvoiceIssued = consumption("InvoiceIssued", {
	rejectWhen: `(select 'other_customer' from invoices
		where id = ${said("invoiceId")} and customer_id <> m.value->>'$.subject')`,
	effects: [
		`insert into invoices (id, customer_id, kind, number, issued_at, currency, total_minor, corrects, document, run)
		select ${said("invoiceId")}, m.value->>'$.subject', ${said("kind")}, ${said("number")}, ${said("issuedAt")},
			${said("currency")}, ${said("totalMinor")}, ${said("corrects.invoiceId")}, m.value->'$.data', ${broughtBy}
		from ${admitted} where true
		on conflict do nothing`,
		...notify({
			ways: byEmail,
			from: `${admitted} cross join invoices as i on i.id = ${said("invoiceId")}`,
			where: `i.run = ${broughtBy}`,
			id: "i.id",
			template: "iif(i.kind = 'credit_note', 'credit_note_issued', 'invoice_issued')",
			values: {
				invoiceId: "i.id",
				number: "i.number",
				issuedAt: "i.issued_at",
				amountMinor: "i.total_minor",
				currency: "i.currency",
				periodFrom: said("period.from"),
				periodTo: said("period.to"),
			},
		}),
	],
});
