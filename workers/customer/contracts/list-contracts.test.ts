import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { someTerms } from "../../../shared/testing/contracts.ts";
import { ask, databaseOf } from "../../../shared/testing/customers.ts";
import { type Observed, observe } from "../../../shared/testing/database.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { givenVersion } from "../../../shared/testing/replica.ts";
import { minutes } from "../../../shared/time.ts";
import { type CustomerCtx, customerCtx } from "../context.ts";
import type { Contract } from "./contract.ts";
import { listContracts } from "./list-contracts.ts";

const path = "/api/v1/contracts";
const tv = newId("ctr", "00");
const get = (headers: Record<string, string> = {}) => ask<{ contracts: Contract[] }>(path, { headers });

beforeAll(migrateDatabases);
beforeEach(async () => {
	// given a catalogue in every shard, and an isolate that has not looked for a while
	for (const shard of ["00", "01"]) {
		await databaseOf(shard).prepare("delete from contract_versions").run();
		await givenVersion(databaseOf(shard), { contractId: tv, version: 3 });
	}
	vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + minutes });
});
afterEach(() => {
	vi.setSystemTime(Date.now() + minutes); // the next test begins later than this one ended
});

describe("GET contracts", () => {
	it("is public, and gives what is on offer", async () => {
		await givenVersion(databaseOf("00"), { contractId: newId("ctr", "00"), offered: false });

		const answer = await get();

		expect(answer.status).toBe(200);
		expect(answer.headers.get("cache-control")).toBe("public, max-age=30");
		expect(answer.body).toEqual({ contracts: [{ contractId: tv, version: 3, ...someTerms }] });
	});

	it("answers 304 to whoever has it, however the tag is written, until something changes", async () => {
		const { headers } = await get();
		const etag = headers.get("etag") ?? "";
		expect(etag).toMatch(/^"[0-9a-f]{32}"$/);

		for (const tag of [etag, `W/${etag}`, `"other", ${etag}`]) {
			const again = await get({ "if-none-match": tag });
			expect(again).toMatchObject({ status: 304, text: "" });
			expect(again.headers.get("etag")).toBe(etag);
		}
		expect((await get({ "if-none-match": '"other"' })).status).toBe(200);

		await givenVersion(databaseOf("00"), { contractId: tv, version: 4 });
		vi.setSystemTime(Date.now() + 30_000);
		const changed = await get({ "if-none-match": etag });
		expect(changed.status).toBe(200);
		expect(changed.body.contracts).toMatchObject([{ version: 4 }]);
		expect(changed.headers.get("etag")).not.toBe(etag);
	});
});

describe("the catalogue of an isolate", () => {
	const databases = new Map<string, Observed>();
	const ctx = (): CustomerCtx => {
		const own = customerCtx(env, createExecutionContext());
		return { ...own, databases: { ...own.databases, get: (shard) => databases.get(shard) ?? own.databases.get(shard) } };
	};
	beforeEach(() => {
		for (const shard of ["00", "01"]) databases.set(shard, observe(databaseOf(shard)));
	});
	const first = () => databases.get("00") as Observed; // set above
	const second = () => databases.get("01") as Observed;

	it("is read once in 30 seconds, from one shard", async () => {
		for (let i = 0; i < 3; i++) await listContracts({ ctx: ctx() });
		expect([first().calls, second().calls]).toEqual([1, 0]);

		vi.setSystemTime(Date.now() + 29_999);
		await listContracts({ ctx: ctx() });
		expect(first().calls).toBe(1);

		vi.setSystemTime(Date.now() + 1);
		await listContracts({ ctx: ctx() });
		expect(first().calls).toBe(2);
	});

	it("is read again when the clock has gone back: nobody knows how old it is", async () => {
		await listContracts({ ctx: ctx() });
		vi.setSystemTime(Date.now() - 1);

		await listContracts({ ctx: ctx() });

		expect(first().calls).toBe(2);
	});

	it("comes from another shard when one is away or was never filled", async () => {
		first().down = true;
		expect((await listContracts({ ctx: ctx() })).contracts).toHaveLength(1);

		first().down = false;
		await databaseOf("00").prepare("delete from contract_versions").run();
		vi.setSystemTime(Date.now() + minutes);
		expect((await listContracts({ ctx: ctx() })).contracts).toHaveLength(1);
		expect(second().calls).toBe(2);
	});

	it("is an older one while no shard answers", async () => {
		const before = await listContracts({ ctx: ctx() });
		first().down = true;
		second().down = true;
		vi.setSystemTime(Date.now() + 60 * minutes);

		expect(await listContracts({ ctx: ctx() })).toEqual(before);
	});

	it("without contracts is looked for again at once", async () => {
		for (const shard of ["00", "01"]) await databaseOf(shard).prepare("delete from contract_versions").run();
		expect((await listContracts({ ctx: ctx() })).contracts).toEqual([]);

		await givenVersion(databaseOf("00"), { contractId: tv });
		expect((await listContracts({ ctx: ctx() })).contracts).toHaveLength(1);
	});
});

it("503 when no shard answers and this isolate has never seen a catalogue", async () => {
	vi.resetModules();
	const { listContracts: fresh } = await import("./list-contracts.ts");
	const own = customerCtx(env, createExecutionContext());
	const down = Object.assign(observe(databaseOf("00")), { down: true });

	await expect(fresh({ ctx: { ...own, databases: { ...own.databases, get: () => down } } })).rejects.toMatchObject({
		code: "unavailable",
	});
});
