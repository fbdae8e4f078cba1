import { Hono } from "hono";
import { check, readJson } from "../../../shared/http/body.ts";
import { requireStaff } from "../../../shared/staff/require-staff.ts";
import type { App } from "../context.ts";
import { getNotification, listNotifications } from "./read-notifications.ts";
import { resendNotification } from "./resend-notification.ts";
import { ListQuery, NewResend } from "./schemas.ts";

/** Experts need no customer's address. */
export const notificationRoutes = new Hono<App>()
	.use(requireStaff("helpdesk", "administrator"))
	.get("/", async (c) => c.json(await listNotifications({ ctx: c.get("ctx"), input: check(ListQuery, c.req.query()) })))
	.get("/:id", async (c) => c.json(await getNotification({ ctx: c.get("ctx"), input: { id: c.req.param("id") } })))
	.post("/:id/resend", async (c) => {
		await readJson(c.req.raw, NewResend);
		const input = { actor: c.get("actor"), id: c.req.param("id") };
		return c.json(await resendNotification({ ctx: c.get("ctx"), input }));
	});
