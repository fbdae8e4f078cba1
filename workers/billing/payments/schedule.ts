import type { BillingCtx } from "../context.ts";

/** In UTC. */
export const paymentCron = "7 * * * *";

/** Puts pages of the periods that are due on the queue `charges`. */
export async function startCharges(_ctx: BillingCtx): Promise<void> {}

/** Looks at a page of periods: charges what is due, looks up what is not settled. */
export async function workCharges(_ctx: BillingCtx, _body: unknown): Promise<void> {}
