import { Hono } from "hono/tiny";
import { readJson } from "../../../shared/http/body.ts";
import type { App } from "../context.ts";
import { requireSession } from "../sessions/require-session.ts";
import { getPlan } from "./get-plan.ts";
import { NewPlan } from "./schemas.ts";
import { signPlan } from "./sign-plan.ts";

export const planRoutes = new Hono<App>()
	.use(requireSession)
	.get("/", async (c) => {
		const { customerId } = c.get("session");
		return c.json(await getPlan({ ctx: c.get("ctx"), input: { customerId } }));
	})
	.put("/", async (c) => {
		const { lines } = await readJson(c.req.raw, NewPlan);
		return c.json(await signPlan({ ctx: c.get("ctx"), input: { session: c.get("session"), lines } }));
	});
