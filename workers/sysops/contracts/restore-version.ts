import type { Ctx } from "../../../shared/context.ts";
import { digestOf } from "../../../shared/contracts/checksum.ts";
import { Problem } from "../../../shared/http/problem.ts";
import type { Actor } from "../../../shared/staff/require-staff.ts";
import { type Contract, contractOf } from "./contract.ts";
import { writeVersion } from "./save-version.ts";
import type { LostVersion } from "./schemas.ts";
import { insertLostVersion, selectVersion } from "./store.ts";

export interface RestoreVersion extends LostVersion {
	readonly actor: Actor;
	readonly contractId: string;
	readonly version: number;
}

/**
 * Takes back a version that the catalogue has forgotten, exactly as it was: as the last of the feed, by which it reaches
 * whoever waits for it. It was on offer once, so it is not withdrawn; if it is the newest of its contract, it is on offer
 * again. Repeating it changes nothing. Throws `invalid_field` when the digest is another, or `version_taken`.
 */
export async function restoreVersion({ ctx, input }: { ctx: Ctx; input: RestoreVersion }): Promise<Contract> {
	const { digest, ...lost } = { ...input, withdrawn: false };
	if ((await digestOf(ctx, lost)) !== digest) {
		const error = { field: "digest", rule: "digest", expected: "the digest of exactly this version and these terms" };
		throw new Problem("invalid_field", { errors: [error] });
	}
	const statements = { insert: insertLostVersion, read: selectVersion };
	const { read } = await writeVersion(ctx, statements, { ...lost, basedOn: null, action: "contract_restored", now: ctx.now() });
	if (!read) throw new Problem("unavailable");
	if (read.withdrawn || read.terms !== JSON.stringify(lost.terms)) throw new Problem("version_taken");
	return contractOf(read);
}
