import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { feedOf } from "../../shared/testing/contracts.ts";
import { CostSheet, costsOf } from "../../shared/testing/counting.ts";
import { migrateDatabases } from "../../shared/testing/migrations.ts";
import worker from "./index.ts";

const sheet = new CostSheet<Cloudflare.Env>(env);

beforeAll(migrateDatabases);

const cron = (expression: string) => (counted: Cloudflare.Env, execution: ExecutionContext) =>
	worker.scheduled(createScheduledController({ cron: expression }), counted, execution);

describe("the replication of 250 contracts", () => {
	it("costs each shard one call to begin with and two for each page: one of the feed and one of D1", async () => {
		const withFeed = { ...env, CONTRACT_FEED: (await feedOf(250)) as unknown as Fetcher }; // all that is used of it
		const replicate = () => costsOf(withFeed, cron("*/5 * * * *"));

		const first = await replicate();
		const none = await replicate();
		sheet.rows["Cron of replication, the first 250 contracts"] = first;
		sheet.rows["Cron of replication, nothing new"] = none;

		expect(first).toMatchObject({ d1Calls: 2 * (1 + 3) + 1, otherCalls: 2 * 3 });
		expect(none).toMatchObject({ d1Calls: 2 * (1 + 1) + 1, otherCalls: 2 });
		const offered = await env.BILLING_DB_01.prepare("select count(*) as contracts from contract_versions where offered").first();
		expect(offered).toEqual({ contracts: 250 });
	});
});

it("costs what test/costs/billing.md says; if the change is meant: npm run costs -- --update", async () => {
	await expect(sheet.table("billing")).toMatchFileSnapshot("../../test/costs/billing.md");
});
