import * as v from "valibot";
import type { Ctx } from "../../../shared/context.ts";
import { checksumOf, type Tally } from "../../../shared/contracts/checksum.ts";
import { type FeedPage, feedPageSize } from "../../../shared/contracts/feed.ts";
import { prepare } from "../../../shared/sql.ts";
import { termsOf, type VersionRow } from "./contract.ts";
import { selectFeed, tallyFeed } from "./store.ts";

/** What comes from another deployment. */
const Ask = v.object({ after: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) });

/** A page of the catalogue's feed, and its checksum as of the same moment. Throws when `after` is no sequence number. */
export async function readFeed({ ctx, input }: { ctx: Ctx; input: { after: number } }): Promise<FeedPage> {
	const params = { ...v.parse(Ask, input), limit: feedPageSize };
	const database = ctx.databases.get("00");
	const [page, tallies] = await database.batch([prepare(database, selectFeed, params), prepare(database, tallyFeed, params)]);
	const rows = (page?.results ?? []) as unknown as VersionRow[]; // of `selectFeed`
	const tally = tallies?.results[0] as (Tally & { latest: number }) | undefined; // of `tallyFeed`
	if (!tally) throw new Error("an aggregate without a row");
	return {
		versions: rows.map(({ seq, contract_id: contractId, version, withdrawn, terms }) => ({
			seq,
			contractId,
			version,
			withdrawn: withdrawn === 1,
			terms: termsOf(terms),
		})),
		latest: tally.latest,
		checksum: checksumOf(tally),
	};
}
