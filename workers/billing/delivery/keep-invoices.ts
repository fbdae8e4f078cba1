import type { Keeper } from "../../../shared/messaging/receipts.ts";
import type { BillingCtx } from "../context.ts";
import { invoiceIdOf } from "../invoices/issue.ts";
import { findStrangers, settle } from "./store.ts";

/**
 * `InvoiceIssued` is kept by `deliveries` until its receipt: first D1 knows, then the objects are told, which end. One that could
 * not be told finds out at its next attempt.
 */
export const invoiceKeeper: Keeper<BillingCtx> = {
	strangers: findStrangers,
	settle,
	settled: (ctx, rows) => Promise.all(rows.map(({ event_id }) => ctx.deliveries.delivered(invoiceIdOf(event_id)))),
};
