import type { Ctx } from "../../../shared/context.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { idOf } from "../../../shared/ids.ts";
import { prepare } from "../../../shared/sql.ts";
import type { Actor } from "../../../shared/staff/require-staff.ts";
import { type Contract, contractOf } from "./contract.ts";
import { saveVersion } from "./save-version.ts";
import type { NewTerms } from "./schemas.ts";
import { selectFirstVersion } from "./store.ts";

export interface CreateContract {
	readonly actor: Actor;
	readonly terms: NewTerms;
	readonly idempotencyKey: string | undefined;
}

/**
 * Puts a new contract into the catalogue. With an Idempotency-Key its id follows from who asks and the key, so a
 * repetition finds it, as it is by now. Throws `idempotency_key_reused`.
 */
export async function createContract({ ctx, input }: { ctx: Ctx; input: CreateContract }): Promise<Contract> {
	const { actor, terms, idempotencyKey: key } = input;
	const bytes = key === undefined ? ctx.randomBytes(16) : await ctx.digest(JSON.stringify([actor.email, "contract", key]));
	const contractId = idOf("ctr", "00", bytes);
	const change = { actor, action: "contract_created", contractId, basedOn: null, withdrawn: false, terms } as const;
	const { saved, newest } = await saveVersion(ctx, change);
	if (!newest) throw new Problem("unavailable");
	if (saved) return contractOf(newest);

	const database = ctx.databases.get("00");
	const { results } = await prepare(database, selectFirstVersion, { contractId }).all<{ terms: string }>();
	if (results[0]?.terms !== JSON.stringify(terms)) throw new Problem("idempotency_key_reused");
	return contractOf(newest);
}
