import type { BaseCtx, Database } from "../../../shared/context.ts";
import type { Shard } from "../../../shared/ids.ts";
import { prepare, type SqlParams } from "../../../shared/sql.ts";
import { anyCardId, inTurn } from "./in-turn.ts";
import { selectKeks, selectSealed, selectWrapped, swapWrapped } from "./store.ts";
import type { WithVault } from "./vault.ts";

const pageSize = 500;
const samples = 3;
/** After every card's id. */
const end = "crd~";

type VaultCtx = BaseCtx & WithVault;

interface WrappedRow {
	readonly card_id: string;
	readonly customer_id: string;
	readonly wrapped_key: string;
}

/**
 * Wraps the data keys that are under another key-encryption key than today's anew, a page at a time, within a budget of D1
 * calls; the next run goes on. May run twice and at once. What cannot be opened raises an alarm and is passed over until
 * the next run. When all are under today's key, it opens a few of them.
 */
export async function rewrapVault(ctx: VaultCtx, budget = 400): Promise<void> {
	const calls = { left: budget };
	await inTurn(ctx, async (shard, database) => {
		const { kekId: current } = ctx.vault;
		calls.left -= 1;
		const { results } = await prepare(database, selectKeks, {}).all<{ kek_id: string }>();
		const others = results.map(({ kek_id }) => kek_id).filter((kekId) => kekId !== current);
		for (const kekId of others) {
			if (ctx.vault.has(kekId)) await rewrapAll(ctx, { shard, database, kekId, calls });
			else ctx.log.alarm("vault_kek_missing", { shard });
		}
		if (others.length === 0) await openSamples(ctx, shard, database);
	});
}

/** Every card once: from a place to the last one, then from the first one to that place. */
const circle = (start: string) => [
	{ after: start, until: end },
	{ after: "", until: start },
];

/** Beginning anywhere: cards that never open keep no other from its turn, however many they are. */
async function rewrapAll(
	ctx: VaultCtx,
	{ shard, database, kekId, calls }: { shard: Shard; database: Database; kekId: string; calls: { left: number } },
): Promise<void> {
	for (const { after: from, until } of circle(anyCardId(ctx, shard))) {
		let after: string | undefined = from;
		while (after !== undefined && calls.left >= 2) {
			calls.left -= 2;
			const page: SqlParams = { kekId, after, until, limit: pageSize };
			const { results } = await prepare(database, selectWrapped, page).all<WrappedRow>();
			await rewrapPage(ctx, shard, database, kekId, results);
			after = results.length < pageSize ? undefined : results.at(-1)?.card_id;
		}
	}
}

/** The same page, each under today's key, if nobody else has touched it by then. */
async function rewrapPage(ctx: VaultCtx, shard: Shard, database: Database, kekId: string, page: readonly WrappedRow[]) {
	const rows: object[] = [];
	const broken: WrappedRow[] = [];
	const rewrap = async (row: WrappedRow) => {
		const { card_id: cardId, customer_id: customerId, wrapped_key: was } = row;
		try {
			rows.push({ cardId, was, ...(await ctx.vault.rewrap({ kekId, wrappedKey: was }, { cardId, customerId })) });
		} catch {
			broken.push(row);
		}
	};
	await Promise.all(page.map(rewrap));
	tellBroken(ctx, shard, broken);
	if (rows.length > 0) await prepare(database, swapWrapped, { kekId, rows: JSON.stringify(rows) }).run();
}

/** Whether what is there can be opened is not to be found out on the day when it is needed. */
async function openSamples(ctx: VaultCtx, shard: Shard, database: Database): Promise<void> {
	const { kekId } = ctx.vault;
	const pages = circle(anyCardId(ctx, shard)).map((part) => prepare(database, selectSealed, { kekId, ...part, limit: samples }));
	const results = await database.batch<WrappedRow & { readonly sealed_card: string }>(pages);
	const broken: WrappedRow[] = [];
	for (const row of results.flatMap((page) => page.results).slice(0, samples)) {
		const sealed = { kekId, wrappedKey: row.wrapped_key, sealedCard: row.sealed_card };
		const owner = { cardId: row.card_id, customerId: row.customer_id };
		await ctx.vault.open(sealed, owner).catch(() => broken.push(row));
	}
	tellBroken(ctx, shard, broken);
}

function tellBroken(ctx: VaultCtx, shard: Shard, broken: readonly WrappedRow[]): void {
	const [first] = broken;
	if (first) ctx.log.alarm("vault_card_not_opened", { shard, cardId: first.card_id, count: broken.length });
}
