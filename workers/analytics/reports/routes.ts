import { Hono } from "hono";
import { check } from "../../../shared/http/body.ts";
import { requireStaff } from "../../../shared/staff/require-staff.ts";
import type { App } from "../context.ts";
import { reportHandling } from "./report-handling.ts";
import { reportSatisfaction } from "./report-satisfaction.ts";
import { reportTakings } from "./report-takings.ts";
import { ReportQuery, TakingsQuery } from "./schemas.ts";

/** Managers are administrators here: nobody else compares experts, or counts the money. */
const manager = requireStaff("administrator");

export const reportRoutes = new Hono<App>()
	.get("/satisfaction", manager, async (c) =>
		c.json(await reportSatisfaction({ ctx: c.get("ctx"), input: check(ReportQuery, c.req.query()) })),
	)
	.get("/handling", manager, async (c) =>
		c.json(await reportHandling({ ctx: c.get("ctx"), input: check(ReportQuery, c.req.query()) })),
	)
	.get("/takings", manager, async (c) =>
		c.json(await reportTakings({ ctx: c.get("ctx"), input: check(TakingsQuery, c.req.query()) })),
	);
