import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Customer } from "../../../shared/testing/customers.ts";
import { givenStranger, hifi, line, migrateWithCatalogue, planPath, tv, type Wish, web } from "../../../shared/testing/plans.ts";
import { customerCtx } from "../context.ts";
import type { Plan } from "./plan-view.ts";
import { previewPlan } from "./preview-plan.ts";

beforeAll(migrateWithCatalogue);
afterEach(() => {
	vi.useRealTimers();
});

const ctx = () => customerCtx(env, createExecutionContext());
const put = (customer: Customer, ...lines: Wish[]) => customer.put<Plan>(planPath, { lines });
const get = async (customer: Customer) => (await customer.get<Plan>(planPath)).body;

/** Some time passes: tokens last five minutes, so requests go on as verbs. */
function travelTo(time: string | number): void {
	vi.useFakeTimers({ toFake: ["Date"], now: new Date(time) });
}

describe("a preview", () => {
	const preview = (customer: Customer, ...lines: Wish[]) =>
		previewPlan({ ctx: ctx(), input: { customerId: customer.id, lines } });
	const televisions = { ...line(tv), name: "Television", price: { amountMinor: 1290, currency: "EUR" } };
	const hifis = { ...line(hifi), name: "Hi-fi", price: { amountMinor: 990, currency: "EUR" } };

	it("says what signing would do, and does nothing", async () => {
		const customer = await givenStranger();
		travelTo(Date.now());
		const now = new Date().toISOString();
		expect(await preview(customer, line(tv))).toEqual({
			effect: "starts",
			from: now,
			lines: [televisions],
			total: { amountMinor: 1290, currency: "EUR" },
			added: [televisions],
			removed: [],
		});
		expect(await get(customer)).toMatchObject({ status: "none" });
	});

	it("names what comes and what goes with the next period", async () => {
		const customer = await givenStranger();
		const { period } = (await put(customer, line(tv))).body;

		const change = { effect: "changes", from: period?.to, added: [hifis], removed: [televisions] };
		expect(await preview(customer, line(hifi))).toMatchObject(change);
		const end = { effect: "ends", from: period?.to, lines: [], total: null, added: [], removed: [televisions] };
		expect(await preview(customer)).toEqual(end);
		expect(await preview(customer, line(tv))).toMatchObject({ effect: "nothing", from: null, added: [], removed: [] });
		expect(await get(customer)).toMatchObject({ status: "active", next: null });
	});

	it("refuses what signing would refuse", async () => {
		const customer = await givenStranger();

		await expect(preview(customer)).rejects.toMatchObject({ code: "nothing_to_cancel" });
		await expect(preview(customer, line(web, 6))).rejects.toMatchObject({ code: "contract_not_offered" });
	});
});
