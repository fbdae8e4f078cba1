import * as v from "valibot";
import type { Ctx, Database } from "../context.ts";
import type { Shard } from "../ids.ts";
import { describeError } from "../log.ts";
import { prepare, type SqlParams, type Statement, sql } from "../sql.ts";
import { minutes } from "../time.ts";
import { checksumOf, digestOf, type Tally } from "./checksum.ts";
import { type ContractVersion, FeedPage, type WithContractFeed } from "./feed.ts";

/** In UTC. */
export const replicateCron = "*/5 * * * *";

/** Where a shard's replica stands, and the tally of what this generation has brought. */
interface State extends Tally {
	readonly seq: number;
	readonly generation: number;
	/** 1 when this generation has been at the end of the feed: what follows is on offer page by page. */
	readonly complete: number;
}

const open = sql(
	"insert into replicas (name, seq, generation, complete_generation) values ('contracts', 0, 1, 0) on conflict do nothing",
);

const readState = sql(`
	select r.seq, r.generation, r.complete_generation = r.generation as complete,
		count(c.seq) as count, coalesce(max(c.seq), 0) as last, coalesce(sum(c.digest), 0) as sum
	from replicas as r left join contract_versions as c on c.generation = r.generation
	where r.name = 'contracts'`);

/** Of two runs at the same time, one finds the replica no longer where it read it, and changes nothing. */
const unmoved = "exists (select 1 from replicas where name = 'contracts' and seq = :seq and generation = :generation)";

const upsertVersions = sql(`
	insert into contract_versions (contract_id, version, seq, generation, digest, withdrawn, offered, terms)
	select p.value->>'$.contractId', p.value->>'$.version', p.value->>'$.seq', :generation, p.value->>'$.digest',
		p.value->>'$.withdrawn', 0, p.value->'$.terms'
	from json_each(:versions) as p where ${unmoved}
	on conflict do update set seq = excluded.seq, generation = excluded.generation, digest = excluded.digest,
		withdrawn = excluded.withdrawn, terms = excluded.terms`);

/** Only once the generation is complete: until then what the last complete one offered stays on offer. */
const recomputeOffers = sql(`
	update contract_versions as c set offered = not offered
	where ${unmoved} and offered <> (generation = :generation and not withdrawn and not exists (
		select 1 from contract_versions where contract_id = c.contract_id and version > c.version and generation = :generation))`);

const advance = sql(`
	update replicas set seq = :to,
		complete_generation = iif(:current, generation, complete_generation),
		complete_at = iif(:current, max(coalesce(complete_at, 0), :now), complete_at)
	where name = 'contracts' and seq = :seq and generation = :generation`);

const beginAgain = sql(`
	update replicas set seq = 0, generation = generation + 1
	where name = 'contracts' and seq = :seq and generation = :generation`);

/** For health: the seconds since the replica of a shard was last known to be complete; null before the first time. */
export const replicaAge: Statement = sql(
	"select (select cast((:now - complete_at) / 1000 as integer) from replicas where name = 'contracts') as replicaSeconds",
);

/**
 * Brings the replica of the contract catalogue up to date in every shard, shards taking turns at being first, within a
 * budget of pages; the next run goes on. A feed that is away or answers nonsense changes nothing. Throws when a shard
 * did not answer, after it has done what it could elsewhere.
 */
export async function replicateContracts(ctx: Ctx & WithContractFeed, pages = 200): Promise<void> {
	const { shards } = ctx.databases;
	const turn = Math.floor(ctx.now() / (5 * minutes)) % shards.length;
	const budget = { pages };
	let failure: unknown;
	for (const shard of [...shards.slice(turn), ...shards.slice(0, turn)]) {
		try {
			await replicateShard(ctx, shard, budget);
		} catch (error) {
			ctx.log.warn("replication_failed", { shard, error: describeError(error) });
			failure = error;
		}
	}
	if (failure) throw failure;
}

async function replicateShard(ctx: Ctx & WithContractFeed, shard: Shard, budget: { pages: number }): Promise<void> {
	const database = ctx.databases.get(shard);
	let state = await run(database, [open], {});
	let restarted = false;
	for (let goesOn = true; goesOn && budget.pages > 0; ) {
		budget.pages -= 1;
		const page = await readPage(ctx, shard, state.seq);
		if (!page) return;
		if (isRight(state, page)) {
			const next = await apply(ctx, database, state, page);
			goesOn = page.versions.length > 0 && next.seq < page.latest;
			state = next;
			continue;
		}
		ctx.log.warn("contracts_checksum_wrong", { shard, count: page.versions.length });
		if (state.seq === 0 || restarted) return; // another pass would mend nothing: it is not this replica that is wrong
		restarted = true;
		state = await run(database, [beginAgain], { seq: state.seq, generation: state.generation });
	}
}

type Page = Omit<FeedPage, "versions"> & { readonly versions: readonly (ContractVersion & { readonly digest: number })[] };

/** A page with digests of our own: whatever it says is checked against them. */
async function readPage(ctx: Ctx & WithContractFeed, shard: Shard, after: number): Promise<Page | undefined> {
	try {
		const { versions, ...page } = v.parse(FeedPage, await ctx.contractFeed.page({ after }));
		const digested = versions.map(async (version) => ({ ...version, digest: await digestOf(ctx, version) }));
		return { ...page, versions: await Promise.all(digested) };
	} catch (error) {
		ctx.log.warn("contract_feed_unavailable", { shard, error: describeError(error) });
		return undefined;
	}
}

/** Would what stands here be, together with this page, what sysops has? */
function isRight(state: State, { versions, latest, checksum }: Page): boolean {
	let last = state.seq;
	for (const { seq } of versions) {
		if (seq <= last) return false;
		last = seq;
	}
	const tally = {
		count: state.count + versions.length,
		last: versions.at(-1)?.seq ?? state.last,
		sum: versions.reduce((sum, { digest }) => sum + digest, state.sum),
	};
	return last <= latest && checksum === checksumOf(tally);
}

async function apply(ctx: Ctx, database: Database, state: State, { versions, latest }: Page): Promise<State> {
	const to = versions.at(-1)?.seq ?? state.seq;
	const current = to === latest;
	const changes = [
		...(versions.length > 0 ? [upsertVersions] : []),
		...((versions.length > 0 && state.complete) || (current && !state.complete) ? [recomputeOffers] : []),
		advance,
	];
	const { seq, generation } = state;
	const params = { seq, generation, versions: JSON.stringify(versions), to, current: Number(current), now: ctx.now() };
	return run(database, changes, params);
}

/** Changes something in one batch and reads in it where the replica stands afterwards. */
async function run(database: Database, changes: readonly Statement[], params: SqlParams): Promise<State> {
	const results = await database.batch([...changes, readState].map((statement) => prepare(database, statement, params)));
	const row = results.at(-1)?.results[0] as State | undefined; // of `readState`
	if (!row) throw new Error("the replica has no row");
	return row;
}
