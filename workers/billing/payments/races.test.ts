import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rowsOf, throughWire } from "../../../shared/testing/database.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { days, hours, minutes } from "../../../shared/time.ts";
import { startCharges } from "./schedule.ts";
import { Bench, delay, hard, lease, nextMonth, softly, start } from "./test-bench.ts";

const otherVisa = "4000000000000002";
const first = start + delay;

let bench: Bench;
beforeEach(async () => {
	await migrateDatabases();
	bench = new Bench();
});
afterEach(() => reset());

const change = (text: string) => bench.billing00.prepare(text).run();
const firstOf = async (id: string) => (await bench.periods(id))[0];

describe("between what a run has read and what it writes", () => {
	it("the plan changes: nobody is charged by the old one", async () => {
		const { id } = await bench.givenPayer();
		const dearer = await bench.givenContract(2000);
		bench.after(1, () => bench.plan(id, [[start, dearer]]));

		await bench.at(first);
		const meanwhile = await bench.attempts(id);
		await bench.at(first + lease);

		expect(meanwhile).toEqual([]);
		expect(bench.provider.approved.map(({ amountMinor }) => amountMinor)).toEqual([2000]);
	});

	it("the plan changes so that nothing is to be paid: nobody is told that a card is missing", async () => {
		const { id } = await bench.givenPayer({ card: false });
		const free = await bench.givenContract(0);
		bench.after(1, () => bench.plan(id, [[start, free]]));

		await bench.at(first);
		await bench.at(first + lease);

		expect(await bench.told()).toEqual([]);
		expect(await firstOf(id)).toMatchObject({ state: "paid" });
	});

	it("the card is removed: it is not charged, and the period waits for another one", async () => {
		const { id } = await bench.givenPayer({ card: false });
		const cardId = await bench.card(id);
		bench.after(1, () => bench.removeCard(id, cardId));

		await bench.at(first);
		const meanwhile = await bench.attempts(id);
		await bench.at(first + lease);

		expect(meanwhile).toEqual([]);
		expect(bench.provider.calls).not.toContain("charge");
		expect(await firstOf(id)).toMatchObject({ state: "due", attempt_at: null, failure: "no_card" });
	});

	it("a card is verified: nobody is told that there is none, and it is charged", async () => {
		const { id } = await bench.givenPayer({ card: false });
		bench.after(1, () => bench.card(id));

		await bench.at(first);
		await bench.at(first + lease);

		expect((await bench.told()).map(({ type }) => type)).toEqual(["PaymentRecorded"]);
		expect(await bench.attempts(id)).toEqual(["approved"]);
	});

	const changes = ["state = 'parked'", "state = 'void'", "attempt_at = 9e15", "attempt_id = 'att_of_another_run'"];

	it.each(changes)("the period changes (%s): no attempt begins", async (changed) => {
		const { id } = await bench.givenPayer();
		bench.after(1, () => change(`update periods set ${changed} where from_at = ${start}`));

		await bench.at(first);

		expect(await bench.attempts(id)).toEqual([]);
		expect(bench.provider.calls).not.toContain("charge");
		expect(bench.quanta.logged("alarm")).toEqual([]);
	});

	it.each(changes)("the period changes (%s): it does not wait, and nobody is told so", async (changed) => {
		const { id } = await bench.givenPayer({ card: false });
		bench.after(1, () => change(`update periods set ${changed} where from_at = ${start}`));

		await bench.at(first);

		expect(await bench.told()).toEqual([]);
		expect(await firstOf(id)).toMatchObject({ failure: null, look_at: first + lease });
	});

	it.each(["state = 'paid'", "attempt_id = 'att_of_another_run'"])(
		"the period changes (%s): it is not ended, nothing is given back, and nobody is told so",
		async (changed) => {
			const { id, contract } = await bench.givenPayer();
			await bench.at(first);
			bench.provider.script.push(hard);
			await bench.at(nextMonth + delay);
			await bench.told();
			await bench.plan(id, [[start, contract]], { endsAt: start });
			bench.after(1, () => change(`update periods set ${changed} where from_at = ${nextMonth}`));

			await bench.run();

			expect(await rowsOf(bench.billing00, "select 1 from refunds")).toEqual([]);
			expect(await rowsOf(bench.billing00, "select 1 from adjustments")).toEqual([]);
			expect(await bench.told()).toEqual([]);
			expect((await bench.periods(id))[1]).toMatchObject({ failure: "card_expired" });
		},
	);

	it("another run adjusts: what is owed is counted again", async () => {
		const { id, contract } = await bench.givenPayer();
		await bench.at(first);
		await bench.plan(id, [[start, contract]], { endsAt: start });
		bench.after(1, () => change(`insert into adjustments values ('att_of_another_run', '${id}', ${start}, -1290)`));

		await bench.at(nextMonth + delay);
		await bench.at(nextMonth + delay + lease);

		expect(await rowsOf(bench.billing00, "select 1 from refunds")).toEqual([]);
		expect((await bench.periods(id))[1]).toMatchObject({ state: "void" });
	});

	it.each([
		["look_at = 5", { look_at: 5 }],
		["state = 'parked'", { state: "parked", look_at: first + lease }],
		["attempt_at = 7", { attempt_at: 7, look_at: first + lease }],
	])("what only rests changes (%s): it is not put off", async (changed, expected) => {
		const { id } = await bench.givenPayer();
		await change(`update periods set attempt_at = ${first + 3 * hours} where from_at = ${start}`);
		bench.after(1, () => change(`update periods set ${changed} where from_at = ${start}`));

		await bench.at(first);

		expect(await firstOf(id)).toMatchObject(expected);
	});

	it("what only rests is looked at when it is due, and a repetition writes nothing", async () => {
		const { id } = await bench.givenPayer();
		await change(`update periods set attempt_at = ${first + 3 * hours} where from_at = ${start}`);
		await bench.at(first);
		expect(await firstOf(id)).toMatchObject({ look_at: first + 3 * hours });

		let written = 0;
		bench.wire = (database) =>
			throughWire(database, async (_, trip) => {
				const results = await trip();
				for (const { meta } of results) written += meta.rows_written;
				return results;
			});
		await bench.work([JSON.stringify({ periods: [{ customerId: id, fromAt: start }] })]);
		expect(written).toBe(0);
	});
});

describe("while the provider is asked", () => {
	it.each(["given_up", "declined_soft", "approved"])(
		"the attempt is settled by another run (%s): what comes of it then changes nothing",
		async (state) => {
			const { id } = await bench.givenPayer();
			bench.after(2, () => change(`update attempts set state = '${state}'`));

			await bench.at(first);

			expect(await bench.attempts(id)).toEqual([state]);
			expect(await bench.invoices()).toEqual([]);
			expect(await firstOf(id)).toMatchObject({ state: "due", look_at: first + lease });
		},
	);

	it("the attempt is settled by another run: no answer makes it unknown again", async () => {
		const { id } = await bench.givenPayer();
		bench.provider.script.push("lost before");
		bench.after(2, () => change("update attempts set state = 'declined_soft'"));

		await bench.at(first);

		expect(await bench.attempts(id)).toEqual(["declined_soft"]);
		expect(await firstOf(id)).toMatchObject({ look_at: first + lease });
	});

	it.each([["lost before" as const], [hard]])(
		"another attempt has followed: the older one says nothing of the period (%s)",
		async (answer) => {
			const { id } = await bench.givenPayer();
			bench.provider.script.push(answer);
			const another = `insert into attempts (attempt_id, customer_id, from_at, number, state, started_at, total_minor, currency, bill, started_run)
			values ('att_another', '${id}', ${start}, 2, 'started', ${first}, 1, 'EUR', '{}', '')`;
			bench.after(2, async () => {
				await change(another);
				await change(`update periods set attempt_id = 'att_another' where from_at = ${start}`);
			});

			await bench.at(first);

			expect(await firstOf(id)).toMatchObject({ state: "due", look_at: first + lease, failure: null });
			expect(await bench.told()).toEqual([]);
		},
	);

	it("another card is verified, and no answer comes: the look-up stays where it was, and what it comes to sees the card", async () => {
		const { id } = await bench.givenPayer();
		bench.provider.script.push(softly, "lost before");
		await bench.at(first);
		await bench.at(first + 3 * days);
		bench.quanta.now += 30_000;
		const cardId = await bench.card(id, otherVisa);
		expect(await firstOf(id)).toMatchObject({ look_at: first + 3 * days + 1 * minutes, declines: 1 });

		bench.provider.script.push(hard);
		await bench.at(first + 3 * days + 1 * minutes);
		await bench.run();

		expect(await bench.attempts(id)).toEqual(["declined_soft", "declined_hard", "approved"]);
		expect(await rowsOf(bench.billing00, "select card_id from attempts where state = 'approved'")).toEqual([{ card_id: cardId }]);
	});

	it("another card is verified by a clock that was behind: it is tried all the same", async () => {
		const { id } = await bench.givenPayer();
		bench.provider.script.push(hard);
		bench.after(2, async () => {
			const cardId = await bench.card(id, otherVisa);
			await change(`update cards set changed_at = ${first - 50} where card_id = '${cardId}'`);
		});

		await bench.at(first);

		expect(await firstOf(id)).toMatchObject({ state: "due", declines: 0 });
	});

	it("another card is removed, or had been there before: that is no reason to ask again", async () => {
		const { id } = await bench.givenPayer({ card: false });
		const older = await bench.card(id);
		bench.quanta.now += 1 * hours;
		await bench.card(id, otherVisa);
		const third = await bench.card(id, "5555555555554444");
		await change(`update cards set accepted_at = 0 where card_id in ('${older}', '${third}')`);
		bench.provider.script.push(hard);
		bench.after(2, () => bench.removeCard(id, third));

		await bench.at(first);

		expect(await firstOf(id)).toMatchObject({ state: "parked" });
	});

	it("a card that was verified in the very moment is declined hard: it is not asked for ever", async () => {
		const { id } = await bench.givenPayer({ card: false });
		bench.quanta.now = first;
		await bench.card(id);
		bench.provider.script.push(hard, hard);

		await bench.run();

		expect(await firstOf(id)).toMatchObject({ state: "parked", declines: 1 });
	});
});

it("an attempt of this number that is there already is not begun again, and disturbs no other period", async () => {
	const { id } = await bench.givenPayer();
	const another = `insert into attempts (attempt_id, customer_id, from_at, number, state, started_at, total_minor, currency, bill, started_run)
		values ('att_another', '${id}', ${start}, 1, 'started', ${first}, 1, 'EUR', '{}', '')`;
	bench.after(1, () => change(another));

	await bench.at(first);

	expect(await bench.attempts(id)).toEqual(["started"]);
	expect(bench.quanta.logged("alarm")).toEqual([]);
});

it("a message that comes late has the whole lease from then on, if its run dies", async () => {
	const { id } = await bench.givenPayer();
	bench.quanta.now = first;
	await startCharges(bench.ctx());
	bench.quanta.now += 10 * minutes;
	bench.after(2, () => Promise.reject(new Error("dead")));

	await bench.work(bench.quanta.take("charges")).catch(() => {});

	expect(await firstOf(id)).toMatchObject({ look_at: first + 10 * minutes + lease });
});

it("an attempt that is given up leaves the period failed, as it was", async () => {
	const { id } = await bench.givenPayer();
	bench.provider.script.push(softly, "lost before");
	await bench.at(first);
	await bench.at(first + 3 * days);
	await bench.at(first + 4 * days);

	expect(await bench.attempts(id)).toEqual(["declined_soft", "given_up"]);
	expect(await firstOf(id)).toMatchObject({ failure: "insufficient_funds", declines: 1 });
});

it("a removed card is not charged, though it is sealed yet", async () => {
	const { id } = await bench.givenPayer();
	bench.quanta.now += 1 * hours;
	const removed = await bench.card(id, otherVisa);
	await change(`update cards set state = 'removed' where card_id = '${removed}'`);

	await bench.at(first);

	expect(await bench.attempts(id)).toEqual(["approved"]);
});

it("a card changes nothing of a period whose time has not come", async () => {
	const { id } = await bench.givenPayer();
	await bench.at(first);

	await bench.card(id, otherVisa);
	await bench.run();

	expect(bench.provider.approved).toHaveLength(1);
	expect((await bench.periods(id))[1]).toMatchObject({ attempt_at: nextMonth + delay, look_at: nextMonth + delay });
});

it("the card of a customer is the newest that can be opened; one that is nowhere counts as none", async () => {
	const { id } = await bench.givenPayer();
	bench.quanta.now += 1 * hours;
	const lost = await bench.card(id, otherVisa);
	await change(`delete from vault where card_id = '${lost}'`);
	await bench.at(first);
	expect(bench.provider.approved).toHaveLength(1);

	await change("delete from vault");
	await bench.at(nextMonth + delay);
	expect((await bench.told()).map(({ data }) => data["reason"])).toContain("no_card");
});

it("of what is said of a period each is newer than the one before, and the period knows the last one", async () => {
	const { id, contract } = await bench.givenPayer();
	bench.provider.script.push(softly, softly);
	await bench.at(first);
	await bench.card(id, otherVisa);
	await bench.run(); // in the same moment
	await bench.plan(id, [[start, contract]], { endsAt: start });
	await bench.run();

	const versions = (await bench.told()).flatMap(({ version }) => (version === undefined ? [] : [Number(version)]));
	expect(versions).toEqual([first, first + 1, first + 2]);
	expect(await rowsOf(bench.billing00, "select version from periods order by from_at limit 1")).toEqual([{ version: first + 2 }]);
});
