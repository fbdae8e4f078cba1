import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { fillInbox } from "../testing/backlog.ts";
import { rowsOf } from "../testing/database.ts";
import type { Quanta } from "../testing/quanta.ts";
import { thingQuanta } from "../testing/things.ts";
import { days, hours } from "../time.ts";
import { prune, pruning } from "./prune.ts";

let quanta: Quanta;
beforeEach(async () => {
	quanta = await thingQuanta();
});

const revokedSessions = pruning("revoked_sessions", "session_id", "revoked_at", 8 * days);
const inserts = {
	inbox: "insert into inbox values ('customer', ?2, null, 'accepted', null, ?1)",
	quarantine: "insert into quarantine values (?2, 'things', ?1, 1, null, null, null, 'stale')",
	dead_letters: "insert into dead_letters values (?2, 'things', ?1, 1, null, null, null)",
	revoked_sessions: "insert into revoked_sessions values (?2, ?1)",
} as const;
type Table = keyof typeof inserts;
const keys = { inbox: "id", quarantine: "message_id", dead_letters: "message_id", revoked_sessions: "session_id" } as const;

const insert = (database: D1Database, table: Table, age: number, key: string) =>
	database
		.prepare(inserts[table])
		.bind(quanta.now - age, key)
		.run();
const kept = async (database: D1Database, table: Table) =>
	(await rowsOf<{ key: string }>(database, `select ${keys[table]} as key from ${table} order by 1`)).map(({ key }) => key);

for (const [table, keep] of [
	["inbox", 60],
	["quarantine", 60],
	["dead_letters", 60],
	["revoked_sessions", 8],
] as const) {
	it(`${table}: what is older than ${keep} days goes, in every shard; what is younger stays`, async () => {
		for (const database of [env.CUSTOMER_DB_00, env.CUSTOMER_DB_01]) {
			await insert(database, table, keep * days + 1, "old");
			await insert(database, table, keep * days, "young");
			await insert(database, table, 0, "new");
		}
		await prune(quanta.ctx("customer"), [revokedSessions]);
		expect(await kept(env.CUSTOMER_DB_00, table)).toEqual(["new", "young"]);
		expect(await kept(env.CUSTOMER_DB_01, table)).toEqual(["new", "young"]);
	});
}

it("the inbox remembers an event for longer than a message of it can be believed", async () => {
	await insert(env.CUSTOMER_DB_00, "inbox", 29 * days, "e1");
	await prune(quanta.ctx("customer"));
	expect(await kept(env.CUSTOMER_DB_00, "inbox")).toEqual(["e1"]);
});

it("pages of 1,000 are deleted within a budget of D1 calls, and the next run goes on", async () => {
	await fillInbox(env.CUSTOMER_DB_00, "customer", 2500);
	await insert(env.CUSTOMER_DB_01, "quarantine", 1 * days, "old");
	quanta.now = Date.now() + 60 * days;
	const left = async () => (await kept(env.CUSTOMER_DB_00, "inbox")).length;

	await prune(quanta.ctx("customer"), [], 7); // a page of each of three tables in two shards, and one more
	expect(quanta.databases.customer00.calls + quanta.databases.customer01.calls).toBe(7);
	expect(await left()).toBe(500);
	expect(await kept(env.CUSTOMER_DB_01, "quarantine")).toEqual([]); // a full inbox does not keep the others waiting

	await prune(quanta.ctx("customer"), [], 7);
	expect(await left()).toBe(0);
});

it("shards take turns at being first, so that a small budget reaches each of them", async () => {
	for (const database of [env.CUSTOMER_DB_00, env.CUSTOMER_DB_01]) await insert(database, "inbox", 70 * days, "old");

	for (let hour = 0; hour < 2; hour++) {
		await prune(quanta.ctx("customer"), [], 1); // one table of the shard whose turn it is
		quanta.now += 1 * hours;
	}

	expect(await kept(env.CUSTOMER_DB_00, "inbox")).toEqual([]);
	expect(await kept(env.CUSTOMER_DB_01, "inbox")).toEqual([]);
});

it("a shard that does not answer does not keep another from being pruned", async () => {
	await insert(env.CUSTOMER_DB_01, "inbox", 61 * days, "old");
	quanta.databases.customer00.down = true;

	await expect(prune(quanta.ctx("customer"))).rejects.toThrow(); // so that Cron does not note a run that came to its end

	expect(await kept(env.CUSTOMER_DB_01, "inbox")).toEqual([]);
	expect(new Set(quanta.logged("warn"))).toEqual(new Set(["prune_failed"]));
});
