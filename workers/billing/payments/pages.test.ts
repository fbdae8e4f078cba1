import { reset } from "cloudflare:test";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Database } from "../../../shared/context.ts";
import { fill } from "../../../shared/testing/backlog.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import type { PeriodKey } from "./charges.ts";
import { startCharges } from "./schedule.ts";
import { Bench, delay, lease, start } from "./test-bench.ts";

const first = start + delay;

let bench: Bench;
beforeEach(async () => {
	await migrateDatabases();
	bench = new Bench();
});
afterEach(() => reset());

/** So many periods of a shard, the older the higher the number, all of them due. */
const givenDue = (database: Database, shard: string, count: number) =>
	fill(database as D1Database, "periods", count, {
		customer_id: `printf('cus_${shard}%026d', i)`,
		from_at: 1,
		starts_at: 1,
		period_index: 0,
		state: "'due'",
		attempt_at: `${first} - i`,
		look_at: `${first} - i`,
	});

function claimed(): { pages: number[]; keys: PeriodKey[] } {
	const messages: PeriodKey[][] = bench.quanta.take("charges").map((message) => JSON.parse(message).periods);
	return { pages: messages.map(({ length }) => length), keys: messages.flat() };
}
const numberOf = ({ customerId }: PeriodKey) => Number(customerId.slice(6));

it("pages of 500 are claimed until a shard has no more, once each, in messages of 50", async () => {
	const { billing00, billing01 } = bench.quanta.databases;
	await givenDue(billing00, "00", 1_120);
	await givenDue(billing01, "01", 500);
	[bench.quanta.now, billing00.calls, billing01.calls] = [first, 0, 0];

	await startCharges(bench.ctx());
	const { pages, keys } = claimed();

	expect([billing00.calls, billing01.calls]).toEqual([3, 2]);
	expect(new Set(keys.map(({ customerId }) => customerId)).size).toBe(1_620);
	expect(keys).toHaveLength(1_620);
	expect(pages.filter((length) => length !== 50)).toEqual([20]);
	expect(await rowsOf(billing00, "select distinct look_at from periods")).toEqual([{ look_at: first + lease }]);
});

it("a run makes no more calls than it may, and takes what is due the longest; the next one goes on", async () => {
	const { billing00, billing01 } = bench.quanta.databases;
	await givenDue(billing00, "00", 1_120);
	[bench.quanta.now, billing00.calls, billing01.calls] = [first, 0, 0];

	await startCharges(bench.ctx(), 2);
	const [one, callsOfOne] = [claimed().keys, billing00.calls + billing01.calls];
	await startCharges(bench.ctx(), 2);
	const other = claimed().keys;

	expect(callsOfOne).toBe(2);
	// shards take turns at being first: the other one may have had one of the two calls
	const firstPages = [...one, ...other].slice(0, 1_000).map(numberOf);
	expect(Math.min(...firstPages.slice(0, 500))).toBe(621);
	expect(Math.min(...firstPages)).toBe(121);
});

it("a run makes 400 calls at most, however much there is", async () => {
	let calls = 0;
	const page = Array.from({ length: 500 }, (_, i) => ({ customerId: `cus_00${`${i}`.padStart(26, "0")}`, fromAt: 1 }));
	bench.wire = (database) => ({
		...database,
		prepare: (text) =>
			Object.assign(database.prepare(text), {
				bind: () => ({
					all: async () => {
						calls += 1;
						return { results: page };
					},
				}),
			}),
	});

	await startCharges(bench.ctx());

	expect(calls).toBe(400);
});

it("a row that the database refuses keeps no other of its page waiting, neither when it begins nor when it is settled", async () => {
	const payers = [await bench.givenPayer(), await bench.givenPayer(), await bench.givenPayer(), await bench.givenPayer()];
	const [begins, settles] = [payers[1]?.id, payers[2]?.id];
	const refuse = (name: string, table: string, id: string | undefined) =>
		bench.billing00
			.prepare(
				`create trigger ${name} before insert on ${table} when new.customer_id = '${id}' begin select raise(abort, 'no'); end`,
			)
			.run();
	await refuse("no_attempt", "attempts", begins);
	await refuse("no_invoice", "invoices", settles);

	await bench.at(first);
	const states = await Promise.all(payers.map(async ({ id }) => (await bench.periods(id))[0]?.["state"]));
	const numbers = (await bench.invoices()).map(({ number }) => number);
	const alarms = bench.quanta.log.filter(({ message }) => message === "payments_not_stored");
	for (const name of ["no_attempt", "no_invoice"]) await bench.billing00.prepare(`drop trigger ${name}`).run();
	await bench.at(first + lease - 1);
	const [early] = await bench.periods(begins ?? "");
	await bench.at(first + lease);

	expect(states).toEqual(["paid", "due", "due", "paid"]);
	expect(numbers).toEqual(["INV-00-000001", "INV-00-000002"]);
	expect(alarms).toMatchObject([
		{ level: "alarm", reason: "poison", count: 1, shard: "00" },
		{ level: "alarm", reason: "poison", count: 1, shard: "00" },
	]);
	expect(early).toMatchObject({ state: "due", look_at: first + lease });
	expect((await bench.invoices()).map(({ number }) => number)).toEqual([1, 2, 3, 4].map((n) => `INV-00-00000${n}`));
	expect(bench.provider.calls.filter((call) => call === "charge")).toHaveLength(4);
});

it("a database that is down is no poison: the message comes again", async () => {
	await bench.givenPayer();
	bench.quanta.now = first;
	await startCharges(bench.ctx());
	const messages = bench.quanta.take("charges");
	bench.after(1, async () => {
		bench.quanta.databases.billing00.down = true;
	});

	await expect(bench.work(messages)).rejects.toThrow("down");

	expect(bench.quanta.log.find(({ message }) => message === "payments_not_stored")).toMatchObject({ reason: "unavailable" });
	expect(bench.provider.calls).not.toContain("charge");
});

it("no more than six calls of the provider are open at once", async () => {
	for (let i = 0; i < 9; i += 1) await bench.givenPayer();
	let [open, most] = [0, 0];
	const { charge } = bench.provider;
	bench.provider.charge = async (asked) => {
		open += 1;
		most = Math.max(most, open);
		await scheduler.wait(5);
		open -= 1;
		return charge(asked);
	};

	await bench.at(first);

	expect(most).toBe(6);
	expect(bench.provider.approved).toHaveLength(9);
});
