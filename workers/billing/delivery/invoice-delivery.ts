import { type BillingCtx, billingCtx } from "../context.ts";
import { alarm, type DeliveryState, delivered, ensure } from "./attempts.ts";
import { Durable } from "./durable.ts";
import type { InvoiceDeliveryApi } from "./object-deliveries.ts";

/** Brings one invoice to the customer quantum: the object of that invoice's id. */
export class InvoiceDelivery extends Durable implements DeliveryState, InvoiceDeliveryApi {
	invoiceId: string | undefined;
	attempts = 0;
	intoSilence = false;
	readonly #env: BillingBindings;

	constructor(state: DurableObjectState, env: BillingBindings) {
		super(state, ["ensure", "delivered"] satisfies (keyof InvoiceDeliveryApi)[]);
		this.#env = env;
	}

	async ensure(invoiceId: string): Promise<true> {
		await ensure({ ctx: this.#ctx(), state: this, input: { invoiceId } });
		return true;
	}

	async delivered(): Promise<true> {
		await delivered({ ctx: this.#ctx(), state: this });
		return true;
	}

	async alarm(): Promise<void> {
		await alarm({ ctx: this.#ctx(), state: this });
	}

	#ctx(): BillingCtx {
		// an object lives for as long as it has something to do: nothing has to be waited for
		return billingCtx(this.#env, { waitUntil() {} });
	}
}
