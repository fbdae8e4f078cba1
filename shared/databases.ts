import type { Database, Databases } from "./context.ts";
import { type Shard, shardOf } from "./ids.ts";

/** A database for each shard: an id is found where it says. */
export function shardedDatabases(databases: ReadonlyMap<Shard, Database>): Databases {
	return databasesOf(databases, (id) => (databases.has(shardOf(id)) ? shardOf(id) : undefined));
}

/** The one database of a Worker that is not sharded: everything is in it. */
export function singleDatabase(database: Database): Databases {
	return databasesOf(new Map([["00", database]]), () => "00");
}

/** What of D1's Sessions API is used (https://developers.cloudflare.com/d1/best-practices/read-replication/). */
interface ReplicatedDatabase {
	withSession(constraint: string): Database & { getBookmark(): string | null };
}

/** Up to where a customer has seen one shard's database. */
export interface Bookmark {
	readonly shard: Shard;
	readonly bookmark: string;
}

export interface SessionDatabases extends Databases {
	/** What is to be the next request's bookmark; undefined while the shard has not been asked. */
	bookmarkOf(shard: Shard): string | undefined;
}

/**
 * The same databases for the length of one request, one D1 session for each shard that it asks. A replica may answer
 * when it is as new as `seen`; without a bookmark of the shard the primary answers first.
 */
export function sessionDatabases(databases: ReadonlyMap<Shard, ReplicatedDatabase>, seen?: Bookmark): SessionDatabases {
	const sessions = new Map<Shard, ReturnType<ReplicatedDatabase["withSession"]>>();
	return {
		shards: [...databases.keys()].sort(),
		locate: (id) => (databases.has(shardOf(id)) ? shardOf(id) : undefined),
		get(shard) {
			const open = sessions.get(shard);
			if (open) return open;
			const session = databases.get(shard)?.withSession(seen?.shard === shard ? seen.bookmark : "first-primary");
			if (!session) throw new Error(`no database for shard ${shard}`);
			sessions.set(shard, session);
			return session;
		},
		bookmarkOf: (shard) => sessions.get(shard)?.getBookmark() ?? undefined,
	};
}

function databasesOf(databases: ReadonlyMap<Shard, Database>, locate: Databases["locate"]): Databases {
	return {
		shards: [...databases.keys()].sort(),
		locate,
		get(shard) {
			const database = databases.get(shard);
			if (!database) throw new Error(`no database for shard ${shard}`);
			return database;
		},
	};
}
