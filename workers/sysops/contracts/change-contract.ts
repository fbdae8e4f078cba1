import type { Ctx } from "../../../shared/context.ts";
import { Problem } from "../../../shared/http/problem.ts";
import type { Actor } from "../../../shared/staff/require-staff.ts";
import { type Contract, contractOf } from "./contract.ts";
import { saveVersion } from "./save-version.ts";
import type { NewVersion } from "./schemas.ts";

export interface ChangeContract extends NewVersion {
	readonly actor: Actor;
	readonly contractId: string;
}

/**
 * Gives a contract new terms, as a new version: what was signed before keeps its own. Throws `not_found`,
 * `contract_withdrawn`, or `version_conflict` when `basedOn` is not the newest.
 */
export async function changeContract({ ctx, input }: { ctx: Ctx; input: ChangeContract }): Promise<Contract> {
	const { saved, newest } = await saveVersion(ctx, { ...input, action: "contract_changed", withdrawn: false });
	if (!newest) throw new Problem("not_found");
	if (saved) return contractOf(newest);
	throw new Problem(newest.withdrawn ? "contract_withdrawn" : "version_conflict");
}
