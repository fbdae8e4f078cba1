import type { Ctx } from "../../../shared/context.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { prepare } from "../../../shared/sql.ts";
import type { Actor } from "../../../shared/staff/require-staff.ts";
import { type Contract, contractOf, termsOf, type VersionRow } from "./contract.ts";
import { saveVersion } from "./save-version.ts";
import { selectVersions } from "./store.ts";

export interface WithdrawContract {
	readonly actor: Actor;
	readonly contractId: string;
}

/** Somebody may change the contract between reading and writing: more often than that is not believable. */
const attempts = 3;

/**
 * Takes a contract out of the catalogue for good, as a last version with the terms of the one before. Repeating it
 * changes nothing. Throws `not_found`.
 */
export async function withdrawContract({ ctx, input }: { ctx: Ctx; input: WithdrawContract }): Promise<Contract> {
	const { actor, contractId } = input;
	const database = ctx.databases.get("00");
	const { results } = await prepare(database, selectVersions, { contractId, limit: 1 }).all<VersionRow>();
	let newest = results[0];
	for (let attempt = 0; attempt < attempts; attempt++) {
		if (!newest) throw new Problem("not_found");
		if (newest.withdrawn) return contractOf(newest);
		const last = { basedOn: newest.version, withdrawn: true, terms: termsOf(newest.terms) };
		({ newest } = await saveVersion(ctx, { actor, action: "contract_withdrawn", contractId, ...last }));
	}
	if (newest?.withdrawn) return contractOf(newest);
	throw new Problem("unavailable");
}
