import { Hono } from "hono/tiny";
import { cardLimits } from "../../../shared/cards.ts";
import { check, readJson } from "../../../shared/http/body.ts";
import { idempotencyKeyOf } from "../../../shared/http/idempotency-key.ts";
import { PageQuery } from "../../../shared/http/page.ts";
import type { App } from "../context.ts";
import { requireSession } from "../sessions/require-session.ts";
import { refuseClearNumbers } from "./clear-numbers.ts";
import { openIntent } from "./open-intent.ts";
import { listCards } from "./read-cards.ts";
import { removeCard } from "./remove-card.ts";
import { cardIdOf, NewCard, NewCardIntent } from "./schemas.ts";
import { submitCard } from "./submit-card.ts";

/** Before anything is read out of a body, it is looked through for a number that should not be there. */
const bodyRules = { largest: cardLimits.body, refuse: refuseClearNumbers };

export const cardRoutes = new Hono<App>()
	.use(requireSession)
	.post("/intents", async (c) => {
		const idempotencyKey = idempotencyKeyOf(c.req.raw);
		const body = await readJson(c.req.raw, NewCardIntent, bodyRules);
		const input = { ...body, session: c.get("session"), idempotencyKey };
		return c.json(await openIntent({ ctx: c.get("ctx"), input }), 201);
	})
	.post("/", async (c) => {
		const body = await readJson(c.req.raw, NewCard, bodyRules);
		return c.json(await submitCard({ ctx: c.get("ctx"), input: { ...body, session: c.get("session") } }), 202);
	})
	.get("/", async (c) => {
		const page = check(PageQuery, c.req.query());
		const { customerId } = c.get("session");
		return c.json(await listCards({ ctx: c.get("ctx"), input: { ...page, customerId } }));
	})
	.delete("/:id", async (c) => {
		const cardId = cardIdOf(c.req.param("id"));
		await removeCard({ ctx: c.get("ctx"), input: { session: c.get("session"), cardId } });
		return c.body(null, 204);
	});
