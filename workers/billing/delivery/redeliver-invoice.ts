import { Problem } from "../../../shared/http/problem.ts";
import { idOf } from "../../../shared/ids.ts";
import { prepare } from "../../../shared/sql.ts";
import type { Actor } from "../../../shared/staff/require-staff.ts";
import type { BillingCtx } from "../context.ts";
import { ensureDeliveries } from "../invoices/issue.ts";
import { type DeliveryView, type UndeliveredRow, viewOf } from "./delivery-view.ts";
import { auditRedelivery, forgetRejection, selectDeliveryView } from "./store.ts";

type FoundRow = UndeliveredRow & { readonly delivered_at: number | null };

/**
 * Has an invoice delivered that the customer Worker has rejected, or that waits: asking twice does no harm. What rejected it has to
 * be mended before. Throws `not_found`, and `invoice_delivered` for one that has arrived.
 */
export async function redeliverInvoice({
	ctx,
	input: { actor, invoiceId },
}: {
	ctx: BillingCtx;
	input: { actor: Actor; invoiceId: string };
}): Promise<DeliveryView> {
	const shard = ctx.databases.locate(invoiceId);
	if (shard === undefined) throw new Problem("not_found");
	const now = ctx.now();
	const auditId = idOf("aud", shard, ctx.randomBytes(16));
	const database = ctx.databases.get(shard);
	const statements = [auditRedelivery, forgetRejection, selectDeliveryView].map((statement) =>
		prepare(database, statement, { invoiceId, now, actor: actor.email, auditId }),
	);
	const results = await database.batch<FoundRow>(statements);
	const row = results.at(-1)?.results[0];
	if (!row) throw new Problem("not_found");
	if (row.delivered_at !== null) throw new Problem("invoice_delivered");
	ctx.log.info("invoice_redelivered", { invoiceId });
	await ensureDeliveries(ctx, [invoiceId]);
	return viewOf(row, now);
}
