import { env } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/d1";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { beforeEach, describe, expect, it } from "vitest";
import { prepare, sql } from "../sql.ts";
import { rowsOf } from "../testing/database.ts";
import { outboxInsert } from "./outbox.ts";

/** What D1 and Drizzle do unlike what one would think, and what the messaging relies upon: a new version may change any of it. */
const database = env.CUSTOMER_DB_00;
const lines = sqliteTable("lines", { id: text("id").primaryKey(), amount: integer("amount").notNull() });

beforeEach(async () => {
	for (const shard of [env.CUSTOMER_DB_00, env.CUSTOMER_DB_01]) {
		await shard.exec("create table lines (id text primary key, amount integer not null) without rowid");
	}
});

const insertLine = (id: string, amount: number | null = 1) =>
	database.prepare("insert into lines values (?, ?)").bind(id, amount);
const ids = async (of = database) => (await rowsOf<{ id: string }>(of, "select id from lines order by id")).map(({ id }) => id);

const emit = outboxInsert();
const event = {
	event: "{}",
	eventId: "evt_1",
	eventType: "ThingHappened",
	destinations: '["sysops"]',
	firstDelay: 1,
	now: 1,
};
const emitted = async () => (await rowsOf(database, "select event_id from outbox")).length;

describe("batches", () => {
	it("a batch is atomic: a statement that fails undoes those before it", async () => {
		await expect(database.batch([insertLine("a"), insertLine("b", null)])).rejects.toThrow("NOT NULL");
		expect(await ids()).toEqual([]);
	});

	it("db.transaction fails: D1 has no BEGIN", async () => {
		const transaction = drizzle(database).transaction((tx) => tx.insert(lines).values({ id: "a", amount: 1 }));
		await expect(transaction).rejects.toThrow();
		expect(await ids()).toEqual([]);
	});

	it("a guarded UPDATE that hits no row does not stop a later plain INSERT", async () => {
		await database.batch([database.prepare("update lines set amount = 2 where id = 'unknown'"), insertLine("a")]);
		expect(await ids()).toEqual(["a"]);
	});

	it("it does stop an INSERT that is guarded by changes()", async () => {
		const update = database.prepare("update lines set amount = 2 where id = 'unknown'");
		await database.batch([update, prepare(database, emit, event)]);
		expect(await emitted()).toBe(0);
	});
});

describe("changes() = 1", () => {
	it("trap: after one statement that changed three rows the event is silently missing", async () => {
		const three = database.prepare("insert into lines values ('a', 1), ('b', 1), ('c', 1)");
		await database.batch([three, prepare(database, emit, event)]);
		expect(await ids()).toHaveLength(3);
		expect(await emitted()).toBe(0);
	});

	it("trap: a plan's three lines need a guard on the new state", async () => {
		const guarded = outboxInsert({ guard: "exists (select 1 from lines where id = 'c')" });
		const three = database.prepare("insert into lines values ('a', 1), ('b', 1), ('c', 1)");
		await database.batch([three, prepare(database, guarded, event)]);
		expect(await emitted()).toBe(1);
	});

	it("trap: it speaks of the last statement that wrote, so nothing may be written in between", async () => {
		const failed = database.prepare("update lines set amount = 2 where id = 'unknown'");
		await database.batch([failed, insertLine("other"), prepare(database, emit, event)]);
		expect(await emitted()).toBe(1); // of a change that hit nothing
	});
});

describe("statements", () => {
	it("withSession takes our statements and gives a bookmark", async () => {
		const session = database.withSession("first-primary");
		await session.batch([prepare(session, sql("insert into lines values (:id, :amount)"), { id: "a", amount: 1 })]);
		expect((await prepare(session, sql("select id from lines where id = :id"), { id: "a" }).all()).results).toEqual([
			{ id: "a" },
		]);
		expect(session.getBookmark()).toBeTruthy();
	});

	it("withSession works under drizzle, whose types lag behind", async () => {
		await insertLine("a").run();
		const session = drizzle(database.withSession() as unknown as D1Database); // what drizzle calls is there
		expect(await session.select({ id: lines.id }).from(lines)).toEqual([{ id: "a" }]);
	});

	it("a set-based inbox statement admits new messages only, and each effect sees this run's", async () => {
		await database.exec("create table seen (id text primary key, run text not null) without rowid");
		const admit = sql(`insert into seen select value->>'id', :run from json_each(:messages) where true on conflict do nothing`);
		const apply = sql(`insert into lines select value->>'id', 1 from json_each(:messages)
			where exists (select 1 from seen where seen.id = value->>'id' and run = :run)`);
		const receive = (run: string, messages: object[]) => {
			const params = { run, messages: JSON.stringify(messages) };
			return database.batch([prepare(database, admit, params), prepare(database, apply, params)]);
		};
		await receive("first", [{ id: "a" }]);
		await receive("second", [{ id: "a" }, { id: "b" }]); // a second effect of `a` would be refused by the primary key
		expect(await ids()).toEqual(["a", "b"]);
	});

	it("field selects of drizzle tell no costs; raw statements do", async () => {
		await insertLine("a").run();
		const selected = await drizzle(database).select({ id: lines.id }).from(lines);
		expect(selected).not.toHaveProperty("meta");
		expect((await database.prepare("select id from lines").all()).meta.rows_read).toBe(1);
	});
});

describe("limits", () => {
	it("WITHOUT ROWID saves a written row: an index less", async () => {
		await database.exec("create table with_rowid (id text primary key, at integer)");
		await database.exec("create table without_rowid (id text primary key, at integer) without rowid");
		const written = async (table: string) =>
			(await database.prepare(`insert into ${table} values ('a', 1)`).run()).meta.rows_written;
		expect(await written("with_rowid")).toBe(2);
		expect(await written("without_rowid")).toBe(1);
	});

	it("every table of ours is WITHOUT ROWID, and an outbox row costs two written rows", async () => {
		for (const shard of [env.CUSTOMER_DB_00, env.SYSOPS_DB]) {
			const tables = await rowsOf<{ name: string }>(
				shard,
				`select name from pragma_table_list where schema = 'main' and type = 'table' and wr = 0
					and name not like 'sqlite_%' and name not like 'd1_%' and name not like '_cf_%'`,
			);
			expect(tables).toEqual([]);
		}
		const { meta } = await prepare(database, outboxInsert({ guard: "true" }), event).run();
		expect(meta.rows_written).toBe(2); // the row and its place in `outbox_due`
	});

	it("a value that is too large to bind is refused, but here only far above D1's 2 MB: so our own limits are 1 MB", async () => {
		const bind = (bytes: number) => database.prepare("select length(?1) as n").bind("x".repeat(bytes)).all();
		expect((await bind(2_100_000)).results).toEqual([{ n: 2_100_000 }]);
		await expect(bind(20_000_000)).rejects.toThrow("SQLITE_TOOBIG");
	});

	it("100 parameters are bound at most, whatever the number of messages: hence json_each", async () => {
		const bind = (count: number) => {
			const list = Array(count).fill("?").join(", ");
			return database
				.prepare(`select 1 as found where 7 in (${list})`)
				.bind(...Array(count).fill(7))
				.all();
		};
		expect((await bind(100)).results).toEqual([{ found: 1 }]);
		await expect(bind(101)).rejects.toThrow("too many SQL variables");
	});

	it("a compound SELECT has at most five terms", async () => {
		const union = (terms: number) => database.prepare(Array(terms).fill("select 1").join(" union all ")).all();
		expect((await union(5)).results).toHaveLength(5);
		await expect(union(6)).rejects.toThrow("too many terms in compound SELECT");
	});
});
