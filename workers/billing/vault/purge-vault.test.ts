import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { shardedDatabases } from "../../../shared/databases.ts";
import { topology } from "../../../shared/events/topology.ts";
import { fill } from "../../../shared/testing/backlog.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { createQuanta, type Quanta } from "../../../shared/testing/quanta.ts";
import { hours } from "../../../shared/time.ts";
import { purgeVault } from "./purge-vault.ts";

let quanta: Quanta;
const { BILLING_DB_00: first, BILLING_DB_01: second } = env;
const purge = async (budget?: number, databases = [first, second]) => {
	const all = shardedDatabases(new Map(databases.map((database, shard) => [`0${shard}`, database])));
	await purgeVault({ ...quanta.ctx("billing"), databases: all }, budget);
};
const alarms = () => quanta.log.filter(({ level }) => level === "alarm");

beforeAll(migrateDatabases);
beforeEach(async () => {
	quanta = createQuanta(topology);
	for (const database of [first, second]) {
		await database.batch(["cards", "vault", "fingerprints"].map((table) => database.prepare(`delete from ${table}`)));
	}
});

type State = "verified" | "rejected" | "removed";

/** What billing has of a card: its verdict, unless there is none, and what is asked for of vault row and fingerprint. */
async function given(
	state: State | undefined,
	{
		age,
		print = true,
		shard = "00",
		cardId = newId("crd", shard),
	}: { age?: number; print?: boolean; shard?: string; cardId?: string },
) {
	const customerId = newId("cus", shard);
	const database = shard === "00" ? first : second;
	const insert = (text: string, ...values: unknown[]) =>
		database
			.prepare(`insert into ${text}`)
			.bind(...values)
			.run();
	if (state) await insert("cards (card_id, customer_id, state, changed_at) values (?, ?, ?, 0)", cardId, customerId, state);
	if (print) await insert("fingerprints values (?, ?, 'print')", cardId, customerId);
	if (age !== undefined) await insert("vault values (?, ?, 'kek', 'w', 's', ?)", cardId, customerId, quanta.now - age);
	return cardId;
}

const left = async (table: "vault" | "fingerprints", database = first) =>
	(await rowsOf<{ card_id: string }>(database, `select card_id from ${table}`)).map(({ card_id }) => card_id);

it("a verified card stays, whatever its age", async () => {
	const cards = [
		await given("verified", { age: 0 }),
		await given("verified", { age: 24 * hours }),
		await given("verified", { age: 9999 * hours }),
	];

	await purge();

	expect(new Set(await left("vault"))).toEqual(new Set(cards));
	expect(new Set(await left("fingerprints"))).toEqual(new Set(cards));
	expect(alarms()).toEqual([]);
});

it.each<[string, State | undefined]>([
	["rejected", "rejected"],
	["removed", "removed"],
	["of which nothing is known", undefined],
])("a card that is %s goes after 24 hours with its fingerprint, in every shard, with an alarm", async (_, state) => {
	const young = await given(state, { age: 24 * hours - 1 });
	const old = [await given(state, { age: 24 * hours }), await given(state, { age: 500 * hours })];
	const elsewhere = await given(state, { age: 25 * hours, shard: "01" });

	await purge();

	expect(await left("vault")).toEqual([young]);
	expect(await left("fingerprints")).toEqual([young]);
	expect(await left("vault", second)).toEqual([]);
	expect(alarms()).toMatchObject(
		[
			{ message: "vault_purged", shard: "00", count: 2 },
			{ message: "vault_purged", shard: "01", count: 1, cardId: elsewhere },
		].toSorted((a) => (a.shard === alarms()[0]?.shard ? -1 : 1)),
	);
	expect(old).toContain(alarms().find(({ shard }) => shard === "00")?.cardId);

	await purge();
	expect(alarms().length).toBe(2); // once
});

it("a fingerprint without a verified card goes, also when there never was a vault row", async () => {
	await given(undefined, {});
	await given("removed", {});
	const kept = await given("verified", {});

	await purge();

	expect(await left("fingerprints")).toEqual([kept]);
	expect(alarms()).toMatchObject([{ message: "vault_purged", count: 2 }]);
});

it("in a large vault every card is found when it has come to be 24 hours old, and older ones in time", async () => {
	await fill(first, "vault", 3000, {
		card_id: "'crd_00' || (i % 8) || lower(hex(randomblob(12))) || 'x'",
		customer_id: "'cus_00'",
		kek_id: "'kek'",
		wrapped_key: "''",
		sealed_card: "''",
		sealed_at: `${quanta.now - 25 * hours} + i % 3`,
	});
	const verify =
		"insert into cards (card_id, customer_id, state, changed_at) select card_id, customer_id, 'verified', 0 from vault";
	await first.prepare(verify).run();

	// spread over all of them, so that no page has them together; a fingerprint would betray them
	const among = (i: number) => `crd_00${i % 8}y${newId("crd", "00").slice(8)}`;
	for (let i = 0; i < 20; i++) await given("rejected", { age: (24 + i / 4) * hours, cardId: among(i), print: false });
	await purge();
	expect((await left("vault")).length).toBe(3000);
	expect(alarms()).toMatchObject([{ count: 20 }]);

	await given("rejected", { age: 300 * hours, cardId: among(4), print: false });
	for (let run = 0; run < 100 && (await left("vault")).length > 3000; run++) await purge();
	expect((await left("vault")).length).toBe(3000);
});

it("a card that is verified between the look and the deletion stays", async () => {
	const cardId = await given("rejected", { age: 25 * hours });
	const { billing00 } = quanta.databases;
	const verify = () => first.prepare("update cards set state = 'verified' where card_id = ?").bind(cardId).run();
	const racing = {
		prepare: (text: string) => billing00.prepare(text),
		batch: async <Row>(statements: D1PreparedStatement[]) => {
			const results = await billing00.batch<Row>(statements);
			await verify(); // after the looks, which are the first batch
			return results;
		},
	};

	await purgeVault({ ...quanta.ctx("billing"), databases: shardedDatabases(new Map([["00", racing]])) });

	expect(await left("vault")).toEqual([cardId]);
	expect(await left("fingerprints")).toEqual([cardId]);
	expect(alarms()).toEqual([]);
});

it("a shard that does not answer does not keep another waiting, and the run fails in the end", async () => {
	await given("removed", { age: 25 * hours, shard: "01" });
	quanta.databases.billing00.down = true;

	for (let hour = 0; hour < 2; hour++, quanta.now += 1 * hours) {
		await expect(purgeVault(quanta.ctx("billing"))).rejects.toThrow("the database is down");
	}

	expect(await left("vault", second)).toEqual([]);
});
