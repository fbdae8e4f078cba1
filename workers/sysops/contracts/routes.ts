import { Hono } from "hono";
import * as v from "valibot";
import { check, readJson } from "../../../shared/http/body.ts";
import { idempotencyKeyOf } from "../../../shared/http/idempotency-key.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { requireStaff } from "../../../shared/staff/require-staff.ts";
import type { App } from "../context.ts";
import { changeContract } from "./change-contract.ts";
import { createContract } from "./create-contract.ts";
import { getContract, listContracts } from "./read-contracts.ts";
import { restoreVersion } from "./restore-version.ts";
import { ListQuery, LostVersion, NewTerms, NewVersion, NewWithdrawal, VersionPath } from "./schemas.ts";
import { withdrawContract } from "./withdraw-contract.ts";

/** Every role reads the catalogue; administrators change it. */
const reader = requireStaff();
const editor = requireStaff("administrator");

export const contractRoutes = new Hono<App>()
	.get("/", reader, async (c) => c.json(await listContracts({ ctx: c.get("ctx"), input: check(ListQuery, c.req.query()) })))
	.get("/:id", reader, async (c) => c.json(await getContract({ ctx: c.get("ctx"), input: { contractId: c.req.param("id") } })))
	.post("/", editor, async (c) => {
		const idempotencyKey = idempotencyKeyOf(c.req.raw);
		const terms = await readJson(c.req.raw, NewTerms);
		const contract = await createContract({ ctx: c.get("ctx"), input: { actor: c.get("actor"), terms, idempotencyKey } });
		return c.json(contract, 201, { location: `/api/v1/contracts/${contract.id}` });
	})
	.put("/:id", editor, async (c) => {
		const body = await readJson(c.req.raw, NewVersion);
		const input = { ...body, actor: c.get("actor"), contractId: c.req.param("id") };
		return c.json(await changeContract({ ctx: c.get("ctx"), input }));
	})
	.put("/:id/versions/:version", editor, async (c) => {
		const path = v.safeParse(VersionPath, { contractId: c.req.param("id"), version: c.req.param("version") });
		if (!path.success) throw new Problem("not_found");
		const body = await readJson(c.req.raw, LostVersion);
		const input = { ...path.output, ...body, actor: c.get("actor") };
		return c.json(await restoreVersion({ ctx: c.get("ctx"), input }));
	})
	.post("/:id/withdrawal", editor, async (c) => {
		await readJson(c.req.raw, NewWithdrawal);
		const input = { actor: c.get("actor"), contractId: c.req.param("id") };
		return c.json(await withdrawContract({ ctx: c.get("ctx"), input }));
	});
