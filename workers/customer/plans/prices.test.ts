import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import type { Customer } from "../../../shared/testing/customers.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { givenStranger, hifi, line, migrateWithCatalogue, planPath, tv, type Wish, web } from "../../../shared/testing/plans.ts";
import { givenVersion } from "../../../shared/testing/replica.ts";
import type { Plan } from "./plan-view.ts";

beforeAll(migrateWithCatalogue);

const put = (customer: Customer, ...lines: Wish[]) => customer.put<Plan>(planPath, { lines });

describe("prices", () => {
	it("stay as they were signed when the contract changes, also in a plan that is changed or resumed", async () => {
		const [contractId, customer] = [newId("ctr", "00"), await givenStranger()];
		const price = (amountMinor: number) => ({ terms: { price: { amountMinor, currency: "EUR" } } });
		await givenVersion(customer.database, { contractId, ...price(500) });
		await put(customer, line(contractId));
		await givenVersion(customer.database, { contractId, version: 2, ...price(900) });

		await put(customer);
		const resumed = await put(customer, line(contractId));
		const more = await put(customer, line(contractId), line(hifi));

		expect(resumed.body).toMatchObject({ status: "active", total: { amountMinor: 500 } });
		expect(more.body).toMatchObject({ total: { amountMinor: 500 }, next: { total: { amountMinor: 500 + 990 } } });
		const newer = await put(customer, line(contractId, 2));
		expect(newer.body).toMatchObject({ total: { amountMinor: 500 }, next: { total: { amountMinor: 900 } } });
	});

	it("of a withdrawn contract stay for whoever has signed it, and for nobody else", async () => {
		const [contractId, customer, other] = [newId("ctr", "00"), await givenStranger(), await givenStranger()];
		await givenVersion(customer.database, { contractId });
		await put(customer, line(contractId));
		await givenVersion(customer.database, { contractId, version: 2, offered: false });

		expect((await put(customer, line(contractId), line(tv))).body.next?.lines).toHaveLength(2);
		expect(await put(other, line(contractId))).toMatchObject({ status: 422, body: { code: "contract_not_offered" } });
	});

	it("are of one currency", async () => {
		const [contractId, customer] = [newId("ctr", "00"), await givenStranger()];
		await givenVersion(customer.database, { contractId, terms: { price: { amountMinor: 1, currency: "CHF" } } });

		const answer = await put(customer, line(tv), line(contractId));

		expect(answer).toMatchObject({
			status: 422,
			body: { code: "invalid_field", errors: [{ field: "lines", rule: "currency" }] },
		});
	});
});

describe("row 34: PUT plan refuses with 422, and changes nothing,", () => {
	it.each([
		["an unknown contract", newId("ctr", "00"), 1],
		["an older version", web, 6],
		["a version that is not there yet", web, 8],
	])("%s", async (_, contractId, version) => {
		const customer = await givenStranger();
		await givenVersion(customer.database, { contractId: web, version: 6, offered: false });
		await customer.database
			.prepare("update contract_versions set offered = 1 where contract_id = ? and version = 7")
			.bind(web)
			.run();
		const before = await contentsOf(customer.database);

		const answer = await put(customer, line(tv), line(contractId, version));

		expect(answer).toMatchObject({ status: 422, body: { code: "contract_not_offered", errors: [{ field: "lines.1" }] } });
		expect(await contentsOf(customer.database)).toEqual(before);
		await customer.database.prepare("delete from contract_versions where contract_id = ? and version = 6").bind(web).run();
	});
});
