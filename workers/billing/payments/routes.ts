import { Hono } from "hono";
import { check, readJson } from "../../../shared/http/body.ts";
import { requireStaff } from "../../../shared/staff/require-staff.ts";
import type { App } from "../context.ts";
import { listParked, periodsOfCustomer } from "./read-periods.ts";
import { retryPeriod } from "./retry-period.ts";
import { ListQuery, NewRetry, PeriodPath } from "./schemas.ts";

/** Experts need not know who has paid. */
export const periodRoutes = new Hono<App>()
	.use(requireStaff("helpdesk", "administrator"))
	.get("/", async (c) => c.json(await listParked({ ctx: c.get("ctx"), input: check(ListQuery, c.req.query()) })))
	.post("/:customerId/:from/retry", async (c) => {
		const { customerId, from: fromAt } = check(PeriodPath, c.req.param());
		await readJson(c.req.raw, NewRetry);
		return c.json(await retryPeriod({ ctx: c.get("ctx"), input: { actor: c.get("actor"), customerId, fromAt } }));
	});

export const periodsOfCustomerRoutes = new Hono<App>().get(
	"/:customerId/periods",
	requireStaff("helpdesk", "administrator"),
	async (c) => {
		const { customerId } = c.req.param();
		return c.json(await periodsOfCustomer({ ctx: c.get("ctx"), input: { customerId } }));
	},
);
