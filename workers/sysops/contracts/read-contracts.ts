import type { Ctx } from "../../../shared/context.ts";
import { type Page, pageOf, parseCursor } from "../../../shared/http/page.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { prepare } from "../../../shared/sql.ts";
import { type Contract, contractOf, type VersionRow } from "./contract.ts";
import { selectContracts, selectVersions } from "./store.ts";

/** A page of the contracts in their newest versions, what was changed last coming first. */
export async function listContracts({
	ctx,
	input: { withdrawn, limit, cursor },
}: {
	ctx: Ctx;
	input: { withdrawn?: "true" | "false" | undefined; limit: number; cursor: string };
}): Promise<Page<Contract>> {
	const { at } = parseCursor(cursor);
	const params = { at, withdrawn: withdrawn === undefined ? null : Number(withdrawn === "true"), limit: limit + 1 };
	const { results } = await prepare(ctx.databases.get("00"), selectContracts, params).all<VersionRow>();
	return pageOf(results, limit, ({ seq, contract_id }) => ({ at: seq, id: contract_id }), contractOf);
}

/** One contract with its newest 200 versions, the newest first. Throws `not_found`. */
export async function getContract({ ctx, input }: { ctx: Ctx; input: { contractId: string } }) {
	const { results } = await prepare(ctx.databases.get("00"), selectVersions, { ...input, limit: 200 }).all<VersionRow>();
	if (results.length === 0) throw new Problem("not_found");
	return { id: input.contractId, versions: results.map(contractOf).map(({ id: _, ...version }) => version) };
}
