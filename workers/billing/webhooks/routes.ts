import { Hono } from "hono";
import { readBytes } from "../../../shared/http/body.ts";
import { Problem } from "../../../shared/http/problem.ts";
import type { App } from "../context.ts";
import { heedWebhook } from "./heed-webhook.ts";
import { openWebhook } from "./open-webhook.ts";

/** Bytes: an event is one object as the API has it, with ten times as much room as a charge takes. */
const largestEvent = 128 * 1024;

/** The only thing of billing that the public reaches, and only where Stripe is the provider: docs/stripe.md. */
export const webhookRoutes = new Hono<App>().post("/stripe", async (c) => {
	const { PAYMENT_PROVIDER, PAYMENT_WEBHOOK_KEY: secret } = c.env;
	if (PAYMENT_PROVIDER !== "stripe") throw new Problem("not_found");
	if (!secret) throw new Problem("unavailable");
	const ctx = c.get("ctx");
	const body = await readBytes(c.req.raw, largestEvent);
	const signature = c.req.header("stripe-signature") ?? "";
	const input = await openWebhook({ body, signature, secret, now: ctx.now() });
	if (input) await heedWebhook({ ctx, input });
	return c.body(null, 200);
});
