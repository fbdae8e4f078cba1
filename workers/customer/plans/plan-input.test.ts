import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import type { Customer } from "../../../shared/testing/customers.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { givenStranger, hifi, line, migrateWithCatalogue, planPath, tv, type Wish } from "../../../shared/testing/plans.ts";
import type { Plan } from "./plan-view.ts";

beforeAll(migrateWithCatalogue);

const put = (customer: Customer, ...lines: Wish[]) => customer.put<Plan>(planPath, { lines });
const get = async (customer: Customer) => (await customer.get<Plan>(planPath)).body;

describe("row 30: a session that was signed out", () => {
	it("changes nothing at once, whatever it wants, while it can still read", async () => {
		const customer = await givenStranger();
		await put(customer, line(tv));
		await customer.signOut();
		const before = await contentsOf(customer.database);

		for (const lines of [[line(hifi)], [line(tv)], []]) {
			expect(await put(customer, ...lines)).toMatchObject({ status: 401, body: { code: "session_revoked" } });
		}
		expect(await contentsOf(customer.database)).toEqual(before);
		expect((await customer.get(planPath)).status).toBe(200);
	});
});

it("row 1: a plan belongs to the session's customer, whatever else a request names", async () => {
	const [me, other] = [await givenStranger(), await givenStranger()];
	await put(other, line(tv));
	const before = await get(other);

	await me.put(`${planPath}?customerId=${other.id}`, { lines: [line(hifi)] });

	expect(await get(other)).toEqual(before);
	expect((await me.get<Plan>(`${planPath}?customerId=${other.id}`)).body).toMatchObject({ lines: [{ name: "Hi-fi" }] });
});

describe("PUT plan refuses with 422 what is no list of contracts:", () => {
	const twice = [line(tv), line(tv, 2)];
	it.each<[string, unknown, string]>([
		["no lines", {}, "lines"],
		["null", { lines: null }, "lines"],
		["a contract twice", { lines: twice }, "lines"],
		["21 contracts", { lines: Array.from({ length: 21 }, () => line(newId("ctr", "00"))) }, "lines"],
		["an id of something else", { lines: [line(newId("tkt", "00"))] }, "lines.0.contractId"],
		["row 26: SQL", { lines: [line(`${tv}' or 1=1 --`)] }, "lines.0.contractId"],
		["half a version", { lines: [line(tv, 1.5)] }, "lines.0.version"],
		["version 0", { lines: [line(tv, 0)] }, "lines.0.version"],
		["a version in words", { lines: [{ contractId: tv, version: "1" }] }, "lines.0.version"],
		["row 2: a price", { lines: [{ ...line(tv), price: { amountMinor: 1, currency: "EUR" } }] }, "lines.0"],
		["row 2: a start", { lines: [line(tv)], startsAt: 0 }, ""],
	])("%s", async (_, body, field) => {
		const customer = await givenStranger();

		const answer = await customer.put(planPath, body);

		expect(answer).toMatchObject({ status: 422, body: { code: "invalid_field", errors: [{ field }] } });
		expect(await get(customer)).toMatchObject({ status: "none" });
	});
});
