import { Hono } from "hono";
import { check, readJson } from "../../../shared/http/body.ts";
import { idempotencyKeyOf } from "../../../shared/http/idempotency-key.ts";
import { requireStaff } from "../../../shared/staff/require-staff.ts";
import type { App } from "../context.ts";
import { changeExpert } from "./change-expert.ts";
import { createExpert } from "./create-expert.ts";
import { getExpert, listExperts } from "./read-experts.ts";
import { listVisits } from "./read-visits.ts";
import { ChangedExpert, ListQuery, NewExpert, VisitQuery } from "./schemas.ts";

/** Every role reads; administrators write. */
const reader = requireStaff();
const editor = requireStaff("administrator");

export const expertRoutes = new Hono<App>()
	.get("/", reader, async (c) => c.json(await listExperts({ ctx: c.get("ctx"), input: check(ListQuery, c.req.query()) })))
	.get("/:id", reader, async (c) => c.json(await getExpert({ ctx: c.get("ctx"), input: { expertId: c.req.param("id") } })))
	.post("/", editor, async (c) => {
		const idempotencyKey = idempotencyKeyOf(c.req.raw);
		const expert = await readJson(c.req.raw, NewExpert);
		const created = await createExpert({ ctx: c.get("ctx"), input: { actor: c.get("actor"), expert, idempotencyKey } });
		return c.json(created, 201, { location: `/api/v1/experts/${created.id}` });
	})
	.put("/:id", editor, async (c) => {
		const expert = await readJson(c.req.raw, ChangedExpert);
		const input = { actor: c.get("actor"), expertId: c.req.param("id"), expert };
		return c.json(await changeExpert({ ctx: c.get("ctx"), input }));
	});

export const visitRoutes = new Hono<App>().get("/", reader, async (c) => {
	const { expert: expertId, ...page } = check(VisitQuery, c.req.query());
	return c.json(await listVisits({ ctx: c.get("ctx"), input: { ...page, actor: c.get("actor"), expertId } }));
});
