import { Hono } from "hono";
import { requireStaff } from "../../../shared/staff/require-staff.ts";
import type { App } from "../context.ts";
import { readVault } from "./read-vault.ts";

/** For whoever replaces keys. */
export const vaultRoutes = new Hono<App>().get("/", requireStaff("administrator"), async (c) =>
	c.json(await readVault(c.get("ctx"))),
);
