/**
 * The objects that bring invoices to the customer quantum, one for each, by its id. Both calls may be made any number of times;
 * they reject when an object cannot be reached, and then the sweeper calls again.
 */
export interface Deliveries {
	/** Sees to it that the object of an invoice is at work. Only for ids that are in `deliveries`. */
	ensure(invoiceId: string): Promise<void>;
	/** Tells it that the invoice has arrived, after D1 knows: it ends. */
	delivered(invoiceId: string): Promise<void>;
}

export interface WithDeliveries {
	readonly deliveries: Deliveries;
}
