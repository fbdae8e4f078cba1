import type { BaseCtx, Database } from "../../../shared/context.ts";
import type { Shard } from "../../../shared/ids.ts";
import { prepare } from "../../../shared/sql.ts";
import { hours } from "../../../shared/time.ts";
import { anyCardId, inTurn } from "./in-turn.ts";
import {
	deleteFingerprints,
	deleteSealed,
	selectSealedSince,
	selectUnverifiedFingerprints,
	selectUnverifiedSealed,
} from "./store.ts";

/** How long a card may be in the vault that is not verified (PCI DSS 3.2.1: kept no longer than there is a need). */
const longest = 24 * hours;
/** So long after that each card is looked at in every run: Cron may be silent for most of it. */
const watched = 6 * hours;
const pageSize = 500;

/**
 * Deletes what the vault holds of cards that are not verified. A card enters and leaves it in the batch of its verdict or
 * removal, so there is none, and each one raises an alarm. Looks at every card that came to be 24 hours old since the
 * last runs, and at a page of the others elsewhere at each run, fingerprints too: what is read does not grow with the
 * vault. `budget`: D1 calls.
 */
export async function purgeVault(ctx: BaseCtx, budget = 400): Promise<void> {
	const calls = { left: budget };
	await inTurn(ctx, async (shard, database) => {
		const until = ctx.now() - longest;
		const found = [...(await unverifiedSince(database, until, calls)), ...(await unverifiedAnywhere(ctx, shard, database))];
		if (found.length > 0) await purge(ctx, shard, database, until, [...new Set(found)]);
	});
}

async function unverifiedSince(database: Database, until: number, calls: { left: number }): Promise<string[]> {
	const found: string[] = [];
	let place: { sealedAt: number; after: string } | undefined = { sealedAt: until - watched, after: "" };
	while (place && calls.left > 0) {
		calls.left -= 1;
		const page = prepare(database, selectSealedSince, { ...place, until, limit: pageSize });
		const { results } = await page.all<{ card_id: string; sealed_at: number; verified: number }>();
		found.push(...results.filter(({ verified }) => !verified).map(({ card_id }) => card_id));
		const last = results.length < pageSize ? undefined : results.at(-1);
		place = last && { sealedAt: last.sealed_at, after: last.card_id };
	}
	return found;
}

/** The first page each time as well: from a random place one seldom comes to the first cards, and a small vault is seen whole. */
async function unverifiedAnywhere(ctx: BaseCtx, shard: Shard, database: Database): Promise<string[]> {
	const pages = [anyCardId(ctx, shard), ""].map((after) => ({ after, limit: pageSize }));
	const looks = [selectUnverifiedSealed, selectUnverifiedFingerprints].flatMap((statement) =>
		pages.map((page) => prepare(database, statement, page)),
	);
	const results = await database.batch<{ card_id: string }>(looks);
	return results.flatMap((page) => page.results.map(({ card_id }) => card_id));
}

async function purge(ctx: BaseCtx, shard: Shard, database: Database, until: number, cardIds: readonly string[]): Promise<void> {
	const params = { cardIds: JSON.stringify(cardIds), until };
	const deletions = [deleteSealed, deleteFingerprints].map((statement) => prepare(database, statement, params));
	const results = await database.batch<{ card_id: string }>(deletions);
	const purged = new Set(results.flatMap((deleted) => deleted.results.map(({ card_id }) => card_id)));
	const [first] = purged;
	if (first) ctx.log.alarm("vault_purged", { shard, cardId: first, count: purged.size });
}
