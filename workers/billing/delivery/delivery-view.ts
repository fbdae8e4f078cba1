/** A delivery with what the staff are told of its invoice. */
export interface UndeliveredRow {
	readonly invoice_id: string;
	readonly number: string;
	readonly customer_id: string;
	readonly created_at: number;
	readonly rejected_reason: string | null;
}

/** As the staff see it: for how many seconds it has been waiting, or why the customer Worker has rejected it. */
export function viewOf({ invoice_id, number, customer_id, created_at, rejected_reason }: UndeliveredRow, now: number) {
	return {
		invoiceId: invoice_id,
		number,
		customerId: customer_id,
		createdAt: new Date(created_at).toISOString(),
		ageSeconds: Math.floor((now - created_at) / 1000),
		rejectedReason: rejected_reason,
	};
}
export type DeliveryView = ReturnType<typeof viewOf>;
