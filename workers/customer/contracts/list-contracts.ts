import * as v from "valibot";
import { toHex } from "../../../shared/bytes.ts";
import type { Ctx } from "../../../shared/context.ts";
import { ContractTerms } from "../../../shared/contracts/feed.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { describeError } from "../../../shared/log.ts";
import { prepare } from "../../../shared/sql.ts";
import { seconds } from "../../../shared/time.ts";
import type { Catalogue, Contract } from "./contract.ts";
import { selectOffered } from "./store.ts";

/** Of this isolate. */
let memo: { readonly catalogue: Catalogue; readonly readAt: number } | undefined;

/**
 * What is on offer, at most 30 seconds old. When no shard answers, an older catalogue is better than none; throws
 * `unavailable` when this isolate has none.
 */
export async function listContracts({ ctx }: { ctx: Ctx }): Promise<Catalogue> {
	const readAt = ctx.now();
	if (memo && readAt >= memo.readAt && readAt < memo.readAt + 30 * seconds) return memo.catalogue;
	const contracts = await readReplica(ctx);
	if (!contracts && memo) return memo.catalogue;
	if (!contracts) throw new Problem("unavailable");
	const digest = await ctx.digest(JSON.stringify(contracts));
	const catalogue = { contracts, etag: `"${toHex(digest.subarray(0, 16))}"` };
	if (contracts.length > 0) memo = { catalogue, readAt }; // a replica that was never filled will be soon
	return catalogue;
}

/** All shards have the same replica: the first that has anything says it. Undefined when none answers. */
async function readReplica(ctx: Ctx): Promise<readonly Contract[] | undefined> {
	let answered = false;
	for (const shard of ctx.databases.shards) {
		try {
			const rows = prepare(ctx.databases.get(shard), selectOffered, {}).all<{
				contract_id: string;
				version: number;
				terms: string;
			}>();
			const contracts = (await rows).results.map(({ contract_id: contractId, version, terms }) => ({
				contractId,
				version,
				...v.parse(ContractTerms, JSON.parse(terms)),
			}));
			if (contracts.length > 0) return contracts;
			answered = true;
		} catch (error) {
			ctx.log.warn("contracts_not_read", { shard, error: describeError(error) });
		}
	}
	return answered ? [] : undefined;
}
