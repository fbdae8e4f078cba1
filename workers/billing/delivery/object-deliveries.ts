import type { Deliveries } from "./deliveries.ts";
import { call } from "./durable.ts";

/** What others ask of it. True when it was done. */
export interface InvoiceDeliveryApi {
	ensure(invoiceId: string): Promise<true>;
	delivered(invoiceId: string): Promise<true>;
}

/** The objects behind this binding. */
export function objectDeliveries(namespace: DurableObjectNamespace): Deliveries {
	const ask = async (method: keyof InvoiceDeliveryApi, invoiceId: string) => {
		await call<InvoiceDeliveryApi, typeof method>(namespace, invoiceId, method, invoiceId);
	};
	return { ensure: (invoiceId) => ask("ensure", invoiceId), delivered: (invoiceId) => ask("delivered", invoiceId) };
}
