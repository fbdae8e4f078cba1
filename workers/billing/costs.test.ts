import { createExecutionContext, createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { feedOf } from "../../shared/testing/contracts.ts";
import { CostSheet, costsOf } from "../../shared/testing/counting.ts";
import { newId } from "../../shared/testing/fixtures.ts";
import { batchOf, toBilling } from "../../shared/testing/messages.ts";
import { migrateDatabases } from "../../shared/testing/migrations.ts";
import { givenVersion } from "../../shared/testing/replica.ts";
import { accessToken, serveCerts, staffEmail } from "../../shared/testing/staff.ts";
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

describe("a queue batch of 100 plans", () => {
	const plan = (subject: string, contractId: string) => {
		const phases = [{ from: 1000, lines: [{ contractId, contractVersion: 1 }] }];
		return toBilling("PlanChanged", subject, 1000, { startsAt: 1000, endsAt: null, phases });
	};
	const queue = (messages: string[]) => (counted: Cloudflare.Env, execution: ExecutionContext) =>
		worker.queue(batchOf("billing-info", messages), counted, execution);
	// sorted: at an end of an index a search reads a row less
	const customers = Array.from({ length: 100 }, () => newId("cus", "00")).sort();

	it("is one D1 batch and one send of receipts; repeated it writes nothing; without their contracts neither", async () => {
		const [known, unknown] = [newId("ctr", "00"), newId("ctr", "00")];
		await givenVersion(env.BILLING_DB_00, { contractId: known });
		const plans = await Promise.all(customers.map((id) => plan(id, known)));
		const early = await Promise.all(customers.map((id) => plan(id, unknown)));

		const deferred = await sheet.line("100 plans, too early", queue(early));
		const stored = await sheet.line("100 plans", queue(plans));
		const repeated = await sheet.line("100 plans, repeated", queue(plans));

		expect(deferred).toMatchObject({ d1Calls: 1, sends: 0, rowsWritten: 0 });
		expect(stored).toMatchObject({ d1Calls: 1, sends: 1, messages: 1, otherCalls: 0 });
		expect(repeated).toMatchObject({ d1Calls: 1, sends: 1, rowsWritten: 0 });
	});

	it("a customer's subscriptions are one read beside the role", async () => {
		serveCerts();
		await env.BILLING_DB_00.prepare("insert into staff values (?, 'helpdesk')").bind(staffEmail).run();
		const headers = { "cf-access-jwt-assertion": await accessToken() };
		const get = async (counted: Cloudflare.Env, execution: ExecutionContext) => {
			const request = new Request(`https://billing.test/api/v1/subscriptions/${customers[50]}`, { headers });
			expect((await worker.fetch(request, counted, execution)).status).toBe(200);
		};
		await get(env, createExecutionContext()); // Access's keys are read once an isolate

		const costs = await sheet.line("GET subscriptions/{id}", get);

		expect(costs).toMatchObject({ d1Calls: 2, rowsWritten: 0, otherCalls: 0 });
	});
});

it("costs what test/costs/billing.md says; if the change is meant: npm run costs -- --update", async () => {
	await expect(sheet.table("billing")).toMatchFileSnapshot("../../test/costs/billing.md");
});
