import * as v from "valibot";
import { PageQuery } from "../../../shared/http/page.ts";
import { line } from "../../../shared/http/texts.ts";

/** The body of `POST invoices/{id}/refunds`. Without `amountMinor` all that is left is given back. */
export const NewRefund = v.strictObject({
	/** In minor units of the invoice's currency, with tax. */
	amountMinor: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
	/** What the customer reads on the credit note: as many bytes as a line of it has. */
	reason: v.pipe(line(500), v.maxBytes(600)),
});
export type NewRefund = v.InferOutput<typeof NewRefund>;

/** The body of `POST refunds/{id}/retry`. */
export const NewRetry = v.strictObject({});

/** The query of `GET refunds`. */
export const FailedQuery = v.object({ ...PageQuery.entries, state: v.picklist(["failed"]) });
