import * as v from "valibot";
import { Brand } from "../../../shared/cards.ts";
import { Language } from "../../../shared/events/customer.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { idPattern } from "../../../shared/ids.ts";
import { Money } from "../plans/schemas.ts";

const invoiceId = v.pipe(v.string(), v.regex(idPattern("inv")));
const instant = v.pipe(v.string(), v.isoTimestamp());

/** Half-open. */
export const Period = v.object({ from: instant, to: instant });
export type Period = v.InferOutput<typeof Period>;

const kind = v.picklist(["invoice", "credit_note"]);
const reference = v.object({ id: invoiceId, number: v.string() });

/** An invoice in a list. The amounts of a credit note are what is given back. */
export const InvoiceSummary = v.object({
	id: invoiceId,
	kind,
	number: v.string(),
	issuedAt: instant,
	period: Period,
	total: Money,
});
export type InvoiceSummary = v.InferOutput<typeof InvoiceSummary>;

const InvoiceLine = v.object({
	kind: v.picklist(["contract", "adjustment", "refund"]),
	text: v.string(),
	period: Period,
	/** Before tax; below 0 for what is given back on an invoice. */
	amount: Money,
});

const address = { street: v.string(), postalCode: v.string(), city: v.string(), country: v.string() };
const Seller = v.object({ name: v.string(), ...address, taxId: v.string(), email: v.string() });
/** As the customer stood when it was issued; null is what was not known then. */
const Buyer = v.object({
	name: v.nullable(v.string()),
	street: v.nullable(v.string()),
	postalCode: v.nullable(v.string()),
	city: v.nullable(v.string()),
	country: v.nullable(v.string()),
	email: v.string(),
});

/** An invoice or a credit note, whole, as it was issued: lines sum to `net`, and that with the tax to `total`. */
export const Invoice = v.object({
	...InvoiceSummary.entries,
	seller: Seller,
	buyer: Buyer,
	lines: v.array(InvoiceLine),
	net: Money,
	/** `basisPoints`: hundredths of a percent. */
	tax: v.object({ region: v.nullable(v.string()), basisPoints: v.pipe(v.number(), v.integer()), amount: Money }),
	/** The card that it was paid with, or given back to; null when there was nothing to pay. */
	card: v.nullable(v.object({ brand: Brand, last4: v.string() })),
	/** Of a credit note: the invoice that it corrects. */
	corrects: v.nullable(reference),
	/** The credit notes that have corrected it since, the newest 20. */
	correctedBy: v.array(reference),
	/** In which it is written. */
	language: Language,
});
export type Invoice = v.InferOutput<typeof Invoice>;

/** What cannot be an id is answered like one that does not exist. */
export function invoiceIdOf(param: string): string {
	if (!idPattern("inv").test(param)) throw new Problem("not_found");
	return param;
}
