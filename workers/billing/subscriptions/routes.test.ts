import { env, exports } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { accessToken, serveCerts, staffEmail } from "../../../shared/testing/staff.ts";

const [ada, grace] = [newId("cus", "00"), newId("cus", "01")];

beforeAll(async () => {
	await migrateDatabases();
	await env.BILLING_DB_00.prepare("insert into staff values (?, 'helpdesk'), ('expert@squad.example', 'expert')")
		.bind(staffEmail)
		.run();
	for (const [database, id] of [
		[env.BILLING_DB_00, ada],
		[env.BILLING_DB_01, grace],
	] as const) {
		const phases = `[{"from":0,"lines":[{"contractId":"${newId("ctr", "00")}","contractVersion":1}]}]`;
		await database
			.prepare("insert into subscriptions (customer_id, starts_at, version, phases) values (?, 0, 7, ?)")
			.bind(id, phases)
			.run();
	}
});
beforeEach(() => {
	serveCerts();
});
afterEach(() => {
	vi.unstubAllGlobals();
});

async function get(customerId: string, token?: string): Promise<Response> {
	const headers: Record<string, string> = token === undefined ? {} : { "cf-access-jwt-assertion": token };
	return exports.default.fetch(new Request(`https://billing.test/api/v1/subscriptions/${customerId}`, { headers }));
}

it("the helpdesk sees a customer's subscriptions, in whatever shard, and no cache keeps them", async () => {
	for (const customerId of [ada, grace]) {
		const answer = await get(customerId, await accessToken());

		expect(answer.status).toBe(200);
		expect(answer.headers.get("cache-control")).toBe("no-store");
		const subscriptions = [{ startsAt: "1970-01-01T00:00:00.000Z", endsAt: null, version: 7 }];
		expect(await answer.json()).toMatchObject({ customerId, customer: null, subscriptions });
	}
});

it.each([
	["nobody", newId("cus", "00")],
	["a customer of no shard", newId("cus", "ff")],
	["something else", "nonsense"],
])("404 for %s", async (_, customerId) => {
	const answer = await get(customerId, await accessToken());

	expect(answer.status).toBe(404);
	expect(await answer.json()).toMatchObject({ code: "not_found" });
});

it("nobody else sees them", async () => {
	const answers = [
		await get(ada),
		await get(ada, await accessToken({ forged: true })),
		await get(ada, await accessToken({ email: "stranger@squad.example" })),
		await get(ada, await accessToken({ email: "expert@squad.example" })),
	];

	expect(answers.map(({ status }) => status)).toEqual([401, 401, 403, 403]);
});
