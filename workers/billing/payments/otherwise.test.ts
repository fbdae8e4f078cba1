import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { memoryLedger } from "../../../scripts/dev/payments/ledger.ts";
import { createSandbox } from "../../../scripts/dev/payments/sandbox.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { serveSandbox } from "../../../shared/testing/payments.ts";
import { days, hours, minutes } from "../../../shared/time.ts";
import { sandboxProvider } from "../provider/sandbox-provider.ts";
import { periodsOfCustomer } from "./read-periods.ts";
import { retryPeriod } from "./retry-period.ts";
import { Bench, delay, nextMonth, start } from "./test-bench.ts";

const first = start + delay;

let bench: Bench;
beforeEach(async () => {
	await migrateDatabases();
	bench = new Bench();
});
afterEach(async () => {
	vi.unstubAllGlobals();
	await reset();
});

/** As if nothing had been charged yet. */
async function putBack(): Promise<void> {
	for (const table of ["attempts", "invoices", "deliveries", "series", "outbox", "adjustments"]) {
		await bench.billing00.prepare(`delete from ${table}`).run();
	}
	const text = `update periods set state = 'due', attempt_id = null, attempt_at = ?1, look_at = ?1 where from_at = ?2`;
	await bench.billing00.prepare(text).bind(first, start).run();
}

const retry = (customerId: string) => {
	const actor = { email: "ada@squad.example", role: "helpdesk" } as const;
	return retryPeriod({ ctx: bench.ctx(), input: { actor, customerId, fromAt: start } });
};

describe("a charge that the provider knows with another amount", () => {
	it.each([
		["while it remembers the key", first + 1 * hours, 2000, "EUR"],
		["when it is found", first + 3 * days, 2000, "EUR"],
		["in another currency", first + 3 * days, 1290, "USD"],
	])(
		"%s is nobody's invoice: it is held with an alarm, however long, and nothing else is charged",
		async (_, time, price, currency) => {
			const { id } = await bench.givenPayer();
			await bench.at(first);
			await putBack();
			await bench.plan(id, [[start, await bench.givenContract(price, { currency })]]);

			await bench.at(time);
			const alarms = bench.quanta.logged("alarm").length;
			for (let later = 1; later <= 8; later += 1) await bench.at(time + later * days);

			expect(bench.quanta.log.find(({ message }) => message === "charged_otherwise")).toMatchObject({
				level: "alarm",
				customerId: id,
			});
			expect(alarms).toBe(1);
			expect(new Set(bench.quanta.logged("alarm"))).toEqual(new Set(["charged_otherwise"]));
			expect(bench.quanta.logged("alarm").length).toBeGreaterThan(alarms);
			expect(bench.provider.ledger.size).toBe(1);
			expect(await bench.invoices()).toEqual([]);
			const { items } = await periodsOfCustomer({ ctx: bench.ctx(), input: { customerId: id } });
			const attempt = {
				state: "unknown",
				amountMinor: price,
				currency,
				chargeRef: `charge of ${bench.provider.approved[0]?.attemptId}`,
			};
			expect(items.at(-1)).toMatchObject({ state: "due", attempts: [attempt] });
		},
	);

	it("is held also over a look-up that brings no answer", async () => {
		const { id } = await bench.givenPayer();
		await bench.at(first);
		await putBack();
		await bench.plan(id, [[start, await bench.givenContract(2000)]]);
		await bench.at(first + 3 * days);
		bench.provider.before = () => Promise.reject(new Error("away"));
		await bench.at(first + 4 * days);
		bench.provider.before = () => {};

		await expect(retry(id)).resolves.toMatchObject({ state: "due" });
	});

	it("is left behind when the staff say so: then the period is charged what it costs, once", async () => {
		const { id } = await bench.givenPayer();
		await bench.at(first);
		await putBack();
		await bench.plan(id, [[start, await bench.givenContract(2000)]]);
		await bench.at(first + 3 * days);

		const [retried, again] = [await retry(id), await retry(id).catch((error: unknown) => error)];
		await bench.run();
		await bench.run();

		expect(retried).toMatchObject({ state: "due", declines: 0 });
		expect(again).toEqual(new Problem("period_not_parked"));
		expect(await bench.attempts(id)).toEqual(["given_up", "approved"]);
		expect((await bench.invoices()).map(({ totalMinor }) => totalMinor)).toEqual([2000]);
		expect(bench.provider.approved.map(({ amountMinor }) => amountMinor)).toEqual([1290, 2000]);
		const [audited, ...more] = await rowsOf<{ before: string }>(bench.billing00, "select before from audit");
		expect(more).toEqual([]);
		expect(JSON.parse(audited?.before ?? "")).toMatchObject({ chargeRef: `charge of ${bench.provider.approved[0]?.attemptId}` });
	});

	it("is left behind with what it would have adjusted: that is on the next invoice, once", async () => {
		const id = await bench.givenCustomer();
		await bench.card(id);
		const [dear, cheap] = [await bench.givenContract(1000), await bench.givenContract(400)];
		await bench.plan(id, [[start, dear]]);
		await bench.at(first);
		await bench.plan(id, [
			[start, cheap],
			[nextMonth, dear],
		]);
		const charge = bench.provider.charge;
		bench.provider.charge = (asked) => charge({ ...asked, amountMinor: 999 });
		await bench.at(nextMonth + delay);
		bench.provider.charge = charge;
		const reserved = await rowsOf(bench.billing00, "select amount_minor from adjustments");

		const actor = { email: "ada@squad.example", role: "helpdesk" } as const;
		await retryPeriod({ ctx: bench.ctx(), input: { actor, customerId: id, fromAt: nextMonth } });
		const released = await rowsOf(bench.billing00, "select amount_minor from adjustments");
		await bench.run();

		expect(reserved).toEqual([{ amount_minor: -600 }]);
		expect(released).toEqual([]);
		expect((await bench.invoices()).map(({ totalMinor }) => totalMinor)).toEqual([1000, 400]);
	});

	it.each(["started", "unknown"])("alone is left behind: not an attempt that is %s", async (state) => {
		const { id } = await bench.givenPayer();
		bench.provider.script.push("lost before");
		await bench.at(first);
		await bench.billing00.prepare(`update attempts set state = '${state}'`).run();

		await expect(retry(id)).rejects.toThrow(new Problem("period_not_parked"));

		expect(await bench.attempts(id)).toEqual([state]);
		expect(await rowsOf(bench.billing00, "select 1 from audit")).toEqual([]);
	});
});

describe("over HTTP", () => {
	const [url, key] = ["http://sandbox.test", "a-key-of-tests"];

	it.each(["429", "500", "malformed", "timeout_with_charge", "timeout_without_charge"])(
		"a provider that answers %s, to the charge and to its look-up, has charged once in the end, with one invoice",
		async (kind) => {
			const ledger = memoryLedger();
			const sandbox = createSandbox({ key, ledger, now: () => bench.quanta.now });
			serveSandbox(sandbox);
			bench.payments = sandboxProvider({ url, key, patience: 100 });
			const { id } = await bench.givenPayer();
			const fails = {
				method: "POST",
				headers: { authorization: `Bearer ${key}` },
				body: JSON.stringify({ next: [{ kind }, { kind }] }),
			};
			await sandbox(new Request(`${url}/__sandbox/faults`, fails));

			await bench.at(first);
			const unsettled = await bench.attempts(id);
			for (const later of [1, 3, 7, 15]) await bench.at(first + later * minutes);

			expect(unsettled).toEqual(["unknown"]);
			expect(bench.quanta.logged("warn")).toContain("payment_unknown");
			expect(await bench.attempts(id)).toEqual(["approved"]);
			expect(ledger.newest("charge", 9)).toMatchObject([{ amountMinor: 1290, currency: "EUR", result: { outcome: "approved" } }]);
			expect((await bench.invoices()).map(({ totalMinor }) => totalMinor)).toEqual([1290]);
		},
	);

	it("a provider that refuses another amount under the same key is looked up, and its charge is held", async () => {
		const ledger = memoryLedger();
		serveSandbox(createSandbox({ key, ledger, now: () => bench.quanta.now }));
		bench.payments = sandboxProvider({ url, key });
		const { id } = await bench.givenPayer();
		await bench.at(first);
		await putBack();
		await bench.plan(id, [[start, await bench.givenContract(2000)]]);

		await bench.at(first + 1 * hours);
		await bench.at(first + 1 * hours + 1 * minutes);

		expect(await bench.attempts(id)).toEqual(["unknown"]);
		expect(bench.quanta.logged("alarm")).toEqual(["charged_otherwise"]);
		expect(ledger.newest("charge", 9)).toHaveLength(1);
	});
});
