import { Hono } from "hono";
import { check, readJson } from "../../../shared/http/body.ts";
import { requireStaff } from "../../../shared/staff/require-staff.ts";
import type { App } from "../context.ts";
import { listFailedRefunds } from "./list-failed.ts";
import { retryFailedRefund } from "./retry-refund.ts";
import { FailedQuery, NewRetry } from "./schemas.ts";

/** What a provider has refused, for the staff to look at. */
export const refundRoutes = new Hono<App>()
	.use(requireStaff("helpdesk", "administrator"))
	.get("/", async (c) => {
		const { limit, cursor } = check(FailedQuery, c.req.query());
		return c.json(await listFailedRefunds({ ctx: c.get("ctx"), input: { limit, cursor } }));
	})
	.post("/:id/retry", async (c) => {
		await readJson(c.req.raw, NewRetry);
		const input = { actor: c.get("actor"), refundId: c.req.param("id") };
		return c.json(await retryFailedRefund({ ctx: c.get("ctx"), input }), 202);
	});
