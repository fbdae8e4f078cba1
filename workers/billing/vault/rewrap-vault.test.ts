import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../../shared/context.ts";
import { shardedDatabases } from "../../../shared/databases.ts";
import { topology } from "../../../shared/events/topology.ts";
import { fill } from "../../../shared/testing/backlog.ts";
import { rowsOf, throughWire } from "../../../shared/testing/database.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { createQuanta, type Quanta } from "../../../shared/testing/quanta.ts";
import { hours } from "../../../shared/time.ts";
import { rewrapVault } from "./rewrap-vault.ts";
import type { Vault } from "./vault.ts";
import { webCryptoVault } from "./web-crypto-vault.ts";

const [first, second] = [env.BILLING_DB_00, env.BILLING_DB_01];
const keys = Object.fromEntries(["old", "new", "newest", "lost"].map((id) => [`kek-${id}`, id.padEnd(43, "x")]));
const vaultOf = (...ids: string[]) =>
	webCryptoVault(JSON.stringify(Object.fromEntries(ids.map((id) => [id, keys[id]]))), "f".repeat(43));
const [before, during, after] = [vaultOf("kek-old"), vaultOf("kek-new", "kek-old"), vaultOf("kek-new")];

let quanta: Quanta;
const alarms = () => quanta.log.filter(({ level }) => level === "alarm");
const ctx = (vault: Vault, databases: Database[] = [first, second]) =>
	Object.assign(quanta.ctx("billing"), {
		vault,
		databases: shardedDatabases(new Map(databases.map((database, shard) => [`0${shard}`, database]))),
	});

beforeAll(migrateDatabases);
beforeEach(async () => {
	quanta = createQuanta(topology);
	for (const database of [first, second]) await database.prepare("delete from vault").run();
});

/** A sealed card in the vault. */
async function givenCard(vault: Vault, shard = "00") {
	const owner = { cardId: newId("crd", shard), customerId: newId("cus", shard) };
	const { kekId, wrappedKey, sealedCard } = await vault.seal({ token: "tok_1", expMonth: 1, expYear: 2031 }, owner);
	await (shard === "00" ? first : second)
		.prepare("insert into vault values (?, ?, ?, ?, ?, 0)")
		.bind(owner.cardId, owner.customerId, kekId, wrappedKey, sealedCard)
		.run();
	return owner;
}
const givenCards = (count: number, vault: Vault, shard?: string) =>
	Promise.all(Array.from({ length: count }, () => givenCard(vault, shard)));

interface Row {
	cardId: string;
	customerId: string;
	kekId: string;
	wrappedKey: string;
	sealedCard: string;
}
const rows = async (database = first) =>
	rowsOf<Row>(
		database,
		`select card_id as cardId, customer_id as customerId, kek_id as kekId, wrapped_key as wrappedKey, sealed_card as sealedCard
		from vault order by card_id`,
	);
const keksOf = async (database = first) => (await rows(database)).map(({ kekId }) => kekId);
const opens = async (vault: Vault, database = first) => {
	for (const row of await rows(database)) expect(await vault.open(row, row)).toMatchObject({ token: "tok_1" });
};

describe("when the key has been replaced", () => {
	it("every card of every shard opens by the new key alone, and no card was sealed anew", async () => {
		await givenCards(7, before);
		await givenCards(3, before, "01");
		await givenCard(during);
		const sealed = (await rows()).map(({ sealedCard }) => sealedCard);

		await rewrapVault(ctx(during));

		expect(await keksOf()).toEqual(Array(8).fill("kek-new"));
		expect(await keksOf(second)).toEqual(Array(3).fill("kek-new"));
		await opens(after);
		await opens(after, second);
		expect((await rows()).map(({ sealedCard }) => sealedCard)).toEqual(sealed);
		expect(alarms()).toEqual([]);
	});

	it("a second run, and one with nothing to do, change nothing", async () => {
		await givenCards(3, before);
		await rewrapVault(ctx(during));
		const once = await rows();

		await rewrapVault(ctx(during));
		await rewrapVault(ctx(after));

		expect(await rows()).toEqual(once);
	});

	it("more than one old key is emptied", async () => {
		await givenCard(before);
		await givenCard(vaultOf("kek-new"));

		await rewrapVault(ctx(vaultOf("kek-newest", "kek-old", "kek-new")));

		expect(await keksOf()).toEqual(["kek-newest", "kek-newest"]);
		await opens(vaultOf("kek-newest"));
	});

	it("a run ends with its budget of D1 calls, and the next ones go on until nothing is left", async () => {
		const [card] = await givenCards(1, before);
		const [row] = await rows();
		const copies = { customer_id: `'${card?.customerId}'`, kek_id: "'kek-old'", wrapped_key: `'${row?.wrappedKey}'` };
		await first.prepare("delete from vault").run();
		const ids = { card_id: "printf('crd_00%026d', i)", sealed_card: `'${row?.sealedCard}'`, sealed_at: 0 };
		await fill(first, "vault", 1200, { ...copies, ...ids });
		const open: Vault = {
			...before,
			kekId: "kek-new",
			has: () => true,
			rewrap: async () => ({ kekId: "kek-new", wrappedKey: "w" }),
		};
		const left = async () => (await keksOf()).filter((kekId) => kekId === "kek-old").length;

		const done: number[] = [];
		for (let run = 0; run < 4; run++) {
			const calls = quanta.databases.billing00.calls;
			await rewrapVault(ctx(open, [quanta.databases.billing00]), 5);
			expect(quanta.databases.billing00.calls - calls).toBeLessThanOrEqual(5 + 1);
			done.push(await left());
		}

		expect(done[0]).toBeLessThan(1200);
		expect(done).toEqual(done.toSorted((a, b) => b - a));
		expect(done.at(-1)).toBe(0);
	});
});

describe("two runs at once", () => {
	/** A database that does something else right after it has answered its `nth` call. */
	const interrupted = (nth: number, meanwhile: () => Promise<unknown>) => {
		let calls = 0;
		return throughWire(first, async (_, work) => {
			const results = await work();
			calls += 1;
			if (calls === nth) await meanwhile();
			return results;
		});
	};

	it.each([1, 2, 3])("the other one between the steps (%s) of this one: every card opens", async (nth) => {
		await givenCards(5, before);

		await rewrapVault(ctx(during, [interrupted(nth, () => rewrapVault(ctx(during)))]));

		expect(await keksOf()).toEqual(Array(5).fill("kek-new"));
		await opens(after);
		expect(alarms()).toEqual([]);
	});

	it("the other one has gone on to a newer key already: this one does not put its own in the place of it", async () => {
		await givenCards(5, before);
		const newest = vaultOf("kek-newest", "kek-new", "kek-old");

		for (const nth of [2, 3]) await rewrapVault(ctx(during, [interrupted(nth, () => rewrapVault(ctx(newest)))]));

		expect(await keksOf()).toEqual(Array(5).fill("kek-newest"));
		await opens(vaultOf("kek-newest"));
	});

	it("a card that was sealed anew in the meantime keeps the data key that it was sealed with", async () => {
		const owner = await givenCard(before);
		const again = await before.seal({ token: "tok_1", expMonth: 1, expYear: 2031 }, owner);
		const sealAgain = () =>
			first.prepare("update vault set wrapped_key = ?, sealed_card = ?").bind(again.wrappedKey, again.sealedCard).run();

		await rewrapVault(ctx(during, [interrupted(2, sealAgain)]));

		await opens(during);
	});

	it("a card that was removed in the meantime does not come back", async () => {
		await givenCards(3, before);

		await rewrapVault(ctx(during, [interrupted(2, () => first.prepare("delete from vault").run())]));

		expect(await rows()).toEqual([]);
	});
});

describe("what cannot be opened", () => {
	it("one card: an alarm in each run, tried once a run, and every other one is wrapped anew", async () => {
		const [broken] = await givenCards(5, before);
		await first.prepare("update vault set customer_id = ? where card_id = ?").bind(newId("cus", "00"), broken?.cardId).run();
		let tries = 0;
		const counting = {
			...during,
			kekId: during.kekId,
			rewrap: (...row: Parameters<Vault["rewrap"]>) => {
				tries += 1;
				return during.rewrap(...row);
			},
		};

		for (let run = 1; run <= 2; run++) {
			await rewrapVault(ctx(counting));
			expect(tries).toBe(5 + run - 1);
			expect(alarms().length).toBe(run);
		}

		expect(alarms()).toMatchObject(
			Array(2).fill({ message: "vault_card_not_opened", shard: "00", cardId: broken?.cardId, count: 1 }),
		);
		expect((await keksOf()).toSorted()).toEqual(["kek-new", "kek-new", "kek-new", "kek-new", "kek-old"]);
	});

	it("a key that is not here: an alarm for each shard, however many cards it holds, and the other keys are emptied", async () => {
		await givenCards(3, vaultOf("kek-lost"));
		await givenCards(2, before);

		await rewrapVault(ctx(during));

		expect(alarms()).toMatchObject([{ message: "vault_kek_missing", shard: "00" }]);
		expect((await keksOf()).toSorted()).toEqual(["kek-lost", "kek-lost", "kek-lost", "kek-new", "kek-new"]);
	});

	it("more cards than a run can read: those behind them have their turn all the same", async () => {
		await fill(first, "vault", 1000, {
			card_id: "printf('crd_00%026d', i)",
			customer_id: "'cus_000'",
			kek_id: "'kek-old'",
			wrapped_key: "''",
			sealed_card: "''",
			sealed_at: 0,
		});
		const { cardId } = await givenCard(before);

		const found = async () => (await rows()).filter(({ kekId }) => kekId === "kek-new");
		for (let run = 0; run < 50 && (await found()).length === 0; run++) await rewrapVault(ctx(during, [first]), 5); // two pages of 500

		expect(await found()).toMatchObject([{ cardId }]);
	});

	it("when all are under today's key, some are opened: a key that is another one of the same name is found", async () => {
		await givenCards(5, after);
		await rewrapVault(ctx(during));
		expect(alarms()).toEqual([]);

		await rewrapVault(ctx(webCryptoVault(JSON.stringify({ "kek-new": "z".repeat(43) }), "f".repeat(43))));

		expect(alarms()).toMatchObject([{ message: "vault_card_not_opened", shard: "00", count: 3 }]);
	});

	it("a single card is a sample in every run", async () => {
		const card = await givenCard(after);
		await first.prepare("update vault set sealed_card = wrapped_key").run();

		for (let run = 0; run < 5; run++) await rewrapVault(ctx(during));

		expect(alarms()).toMatchObject(Array(5).fill({ cardId: card.cardId, count: 1 }));
	});
});

it("without keys nothing is touched, and the run fails", async () => {
	await givenCards(2, before);

	await expect(rewrapVault(ctx(webCryptoVault("", "")))).rejects.toThrow("VAULT_KEKS is not what it should be");

	expect(await keksOf()).toEqual(["kek-old", "kek-old"]);
});

it("a shard that does not answer does not keep another waiting, and the run fails in the end", async () => {
	await givenCard(before, "01");
	const down = throughWire(first, () => Promise.reject(new Error("the database is down")));

	for (let hour = 0; hour < 2; hour++, quanta.now += 1 * hours) {
		await expect(rewrapVault(ctx(during, [down, second]))).rejects.toThrow("the database is down");
	}

	expect(await keksOf(second)).toEqual(["kek-new"]);
	expect(quanta.logged("warn")).toEqual(["shard_failed", "shard_failed"]);
});
