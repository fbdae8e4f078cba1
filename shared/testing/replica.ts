import type { Database } from "../context.ts";
import type { ContractTerms } from "../contracts/feed.ts";
import { someTerms } from "./contracts.ts";

interface GivenVersion {
	contractId: string;
	version?: number;
	terms?: Partial<ContractTerms>;
	offered?: boolean;
}

/** A version of a contract in a shard's replica, as replication would have left it; the one before is not offered any more. */
export async function givenVersion(database: Database, given: GivenVersion): Promise<void> {
	const { contractId, version = 1, terms = {}, offered = true } = given;
	await database.batch([
		database.prepare("update contract_versions set offered = 0 where contract_id = ?").bind(contractId),
		database
			.prepare(
				`insert into contract_versions (contract_id, version, seq, generation, digest, withdrawn, offered, terms)
				values (?, ?, 1, 1, 0, ?, ?, ?)`,
			)
			.bind(contractId, version, offered ? 0 : 1, offered ? 1 : 0, JSON.stringify({ ...someTerms, ...terms })),
	]);
}
