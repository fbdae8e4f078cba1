import { sql } from "../../../shared/sql.ts";
import { type RefundRow, refundView } from "./refund.ts";
import { refundColumns } from "./store.ts";

/** The refunds of `:invoiceId`, the newest first: for the batch that reads the invoice. */
export const selectRefundsOf = sql(`
	select ${refundColumns} from refunds where attempt_id = (select payment_id from invoices where invoice_id = :invoiceId)
	order by requested_at desc, refund_id desc limit 100`);

export const refundViews = (result: D1Result | undefined) => ((result?.results ?? []) as unknown as RefundRow[]).map(refundView); // of `selectRefundsOf`
