import type { Ctx } from "../../../shared/context.ts";
import { digestOf } from "../../../shared/contracts/checksum.ts";
import type { ContractTerms } from "../../../shared/contracts/feed.ts";
import { idOf } from "../../../shared/ids.ts";
import { prepare, type Statement } from "../../../shared/sql.ts";
import type { Actor } from "../../../shared/staff/require-staff.ts";
import { nextVersion, type VersionRow } from "./contract.ts";
import { insertAudit, insertVersion, selectVersions } from "./store.ts";

interface SaveVersion {
	readonly actor: Actor;
	readonly action: "contract_created" | "contract_changed" | "contract_withdrawn" | "contract_restored";
	readonly contractId: string;
	/** The version that this one follows upon; null for the first. */
	readonly basedOn: number | null;
	readonly withdrawn: boolean;
	readonly terms: ContractTerms;
}

/**
 * Writes a version and its audit row in one batch, unless `basedOn` is no longer the newest or is withdrawn. Gives the
 * newest version as it stands afterwards.
 */
export async function saveVersion(ctx: Ctx, input: SaveVersion): Promise<{ saved: boolean; newest: VersionRow | undefined }> {
	const now = ctx.now();
	const change = { ...input, now, version: nextVersion(input.basedOn, now) };
	const { saved, read } = await writeVersion(ctx, { insert: insertVersion, read: selectVersions }, change);
	return { saved, newest: read };
}

/** `insert` decides whether there is anything to write; `read` gives one row of what then stands. */
export async function writeVersion(
	ctx: Ctx,
	{ insert, read }: { insert: Statement; read: Statement },
	{ actor, action, contractId, version, basedOn, withdrawn, terms, now }: SaveVersion & { version: number; now: number },
): Promise<{ saved: boolean; read: VersionRow | undefined }> {
	const params = {
		contractId,
		basedOn,
		version,
		withdrawn: withdrawn ? 1 : 0,
		terms: JSON.stringify(terms),
		digest: await digestOf(ctx, { contractId, version, withdrawn, terms }),
		now,
		actor: actor.email,
		action,
		auditId: idOf("aud", "00", ctx.randomBytes(16)),
		limit: 1,
	};
	const database = ctx.databases.get("00");
	const statements = [insert, insertAudit, read].map((statement) => prepare(database, statement, params));
	const [, audited, rows] = await database.batch(statements);
	const saved = audited?.results.length === 1;
	if (saved) ctx.log.info(action, { contractId });
	return { saved, read: rows?.results[0] as VersionRow | undefined }; // of `read`
}
