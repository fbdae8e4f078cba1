import { Hono } from "hono/tiny";
import { readBytes } from "../../../shared/http/body.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { withinLimit } from "../../../shared/http/rate-limit.ts";
import { parseJson } from "../../../shared/messaging/envelope.ts";
import type { App } from "../context.ts";
import { violationsIn } from "./violations.ts";

const largest = 8 * 1024;
const types = ["application/csp-report", "application/reports+json"];

/**
 * Where browsers tell that a policy has kept something from happening (PCI DSS 11.6.1). Whatever the report says, the answer
 * is the same: who sends it learns nothing, and it is no operation for clients.
 */
export const reportRoutes = new Hono<App>().post("/csp", async (c) => {
	const ctx = c.get("ctx");
	// with a key of its own: reports take nothing of what an address may try at signing in
	await withinLimit(ctx, c.env.SIGN_IN_LIMIT, `reports ${c.req.header("cf-connecting-ip") ?? "local"}`);
	const mediaType = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
	if (!types.includes(mediaType)) throw new Problem("unsupported_media_type");
	const text = new TextDecoder().decode(await readBytes(c.req.raw, largest));
	for (const [directive, count] of violationsIn(parseJson(text))) ctx.log.alarm("csp_violation", { directive, count });
	c.header("cache-control", "no-store");
	return c.body(null, 204);
});
