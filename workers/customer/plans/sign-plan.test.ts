import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Database } from "../../../shared/context.ts";
import { periodAt } from "../../../shared/periods.ts";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { givenContract } from "../../../shared/testing/contracts.ts";
import { type Customer, databaseOf, givenCustomer, type ProblemBody } from "../../../shared/testing/customers.ts";
import { throughWire } from "../../../shared/testing/database.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { eventsOf } from "../../../shared/testing/customers.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { days } from "../../../shared/time.ts";
import { type CustomerCtx, customerCtx } from "../context.ts";
import type { Plan } from "./plan-view.ts";
import { previewPlan } from "./preview-plan.ts";
import { signPlan } from "./sign-plan.ts";

const path = "/api/v1/plan";
const [tv, hifi, web] = [newId("ctr", "00"), newId("ctr", "00"), newId("ctr", "00")];
const line = (contractId: string, version = 1) => ({ contractId, version });

beforeAll(async () => {
	await migrateDatabases();
	for (const database of [databaseOf("00"), databaseOf("01")]) {
		await givenContract(database, { contractId: tv, terms: { name: "Television" } });
		const price = { amountMinor: 990, currency: "EUR" };
		await givenContract(database, { contractId: hifi, terms: { name: "Hi-fi", price } });
		await givenContract(database, { contractId: web, version: 7, terms: { name: "Internet" } });
	}
});
afterEach(() => {
	vi.useRealTimers();
});

const ctx = () => customerCtx(env, createExecutionContext());
const newcomer = (shard = "00") => givenCustomer({ shard, plan: null });
const put = (customer: Customer, ...lines: { contractId: string; version: number }[]) =>
	customer.put<Plan & ProblemBody>(path, { lines });
const get = async (customer: Customer) => (await customer.get<Plan>(path)).body;

/** Some time passes: tokens last five minutes, so requests go on as verbs. */
function travelTo(time: string | number | null): void {
	vi.useFakeTimers({ toFake: ["Date"], now: new Date(time ?? 0) });
}
