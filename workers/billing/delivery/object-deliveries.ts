import type { Deliveries } from "./deliveries.ts";

/** The objects behind this binding. */
export function objectDeliveries(namespace: DurableObjectNamespace): Deliveries {
	const call = async (invoiceId: string) => {
		await namespace.get(namespace.idFromName(invoiceId)).fetch("https://object.test/");
	};
	return { ensure: call, delivered: call };
}
