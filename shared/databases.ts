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
