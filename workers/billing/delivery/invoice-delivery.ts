/** Brings one invoice to the customer quantum. */
export class InvoiceDelivery {
	fetch(): Response {
		return new Response(null, { status: 204 });
	}
}
