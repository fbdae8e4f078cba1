import { Hono } from "hono";
import { requireStaff } from "../../../shared/staff/require-staff.ts";
import type { App } from "../context.ts";
import { getSubscription } from "./get-subscription.ts";

/** Experts need no address and no price. */
export const subscriptionRoutes = new Hono<App>().get("/:customerId", requireStaff("helpdesk", "administrator"), async (c) => {
	const { customerId } = c.req.param();
	return c.json(await getSubscription({ ctx: c.get("ctx"), input: { customerId } }));
});
