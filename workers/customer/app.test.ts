import { beforeAll, describe, expect, it } from "vitest";
import { problems } from "../../shared/http/problem.ts";
import { contentsOf } from "../../shared/testing/contents.ts";
import { ask, type Customer, databaseOf, givenCustomer, givenTicket, ticketsPath } from "../../shared/testing/customers.ts";
import { migrateDatabases } from "../../shared/testing/migrations.ts";

let customer: Customer;

beforeAll(async () => {
	await migrateDatabases();
	customer = await givenCustomer();
});

describe("what does not exist is answered 404 as application/problem+json", () => {
	it.each([
		"/api",
		"/api/v1",
		"/api/v2/tickets",
		"/api/v1/tickets/",
		"/API/V1/TICKETS",
		"/healthz/more",
		"/%2e%2e/wrangler.toml",
	])("%s", async (path) => {
		const answer = await ask(path, { headers: customer.headers() });

		expect(answer).toMatchObject({ status: 404, body: { code: "not_found", status: 404, title: problems.not_found[1] } });
		expect(answer.headers.get("content-type")).toBe("application/problem+json");
	});

	it.each([
		["PUT", ""],
		["DELETE", ""],
		["PATCH", "/{id}"],
		["DELETE", "/{id}"],
		["POST", "/{id}"],
		["GET", "/{id}/comments"],
		["GET", "/{id}/cancellation"],
		["GET", "/{id}/reopening"],
		["DELETE", "/{id}/cancellation"],
	])("%s %s of tickets, and nothing happens", async (method, path) => {
		const { id } = await givenTicket(customer);
		const before = await contentsOf(customer.database);

		const answer = await ask(ticketsPath + path.replace("{id}", id), { method, headers: customer.headers() });

		expect(answer).toMatchObject({ status: 404, body: { code: "not_found" } });
		expect(await contentsOf(customer.database)).toEqual(before);
	});
});

it("every problem has one of the statuses that clients are told to expect, a word code and a sentence", () => {
	for (const [code, [status, title]] of Object.entries(problems)) {
		expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
		expect([400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503]).toContain(status);
		expect(title).toMatch(/^[A-Z].*\.$/);
	}
});

it("an error that nobody expected is answered 500 and tells nothing of itself", async () => {
	await databaseOf("01").exec("drop table tickets");
	const unlucky = await givenCustomer({ shard: "01" });

	const answer = await unlucky.get(ticketsPath);

	expect(answer).toMatchObject({ status: 500, body: { code: "internal" } });
	expect(answer.text).not.toMatch(/SQLITE|no such table|tickets/i);
	expect(answer.headers.get("x-correlation-id")).toMatch(/^req_/);
});

it("no answer with a customer's data is kept by a cache", async () => {
	const { id } = await givenTicket(customer);

	for (const path of [ticketsPath, `${ticketsPath}/${id}`, `${ticketsPath}/tkt_00`]) {
		expect((await customer.get(path)).headers.get("cache-control"), path).toBe("no-store");
	}
});
