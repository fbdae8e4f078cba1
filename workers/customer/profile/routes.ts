import { Hono } from "hono/tiny";
import { readJson } from "../../../shared/http/body.ts";
import type { App } from "../context.ts";
import { requireSession } from "../sessions/require-session.ts";
import { changeProfile } from "./change-profile.ts";
import { getProfile } from "./get-profile.ts";
import { NewProfile } from "./schemas.ts";

export const profileRoutes = new Hono<App>()
	.use(requireSession)
	.get("/", async (c) => {
		const { customerId } = c.get("session");
		return c.json(await getProfile({ ctx: c.get("ctx"), input: { customerId } }));
	})
	.put("/", async (c) => {
		const body = await readJson(c.req.raw, NewProfile);
		return c.json(await changeProfile({ ctx: c.get("ctx"), input: { ...body, session: c.get("session") } }));
	});
