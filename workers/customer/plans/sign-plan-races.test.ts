import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../../shared/context.ts";
import { type Customer, eventsOf } from "../../../shared/testing/customers.ts";
import { throughWire } from "../../../shared/testing/database.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import {
	givenStranger,
	hifi,
	line,
	migrateWithCatalogue,
	planPath,
	sessionOf,
	tv,
	type Wish,
	web,
} from "../../../shared/testing/plans.ts";
import { givenVersion } from "../../../shared/testing/replica.ts";
import { type CustomerCtx, customerCtx } from "../context.ts";
import type { Plan } from "./plan-view.ts";
import { signPlan } from "./sign-plan.ts";

beforeAll(migrateWithCatalogue);

const ctx = () => customerCtx(env, createExecutionContext());
const put = (customer: Customer, ...lines: Wish[]) => customer.put<Plan>(planPath, { lines });
const get = async (customer: Customer) => (await customer.get<Plan>(planPath)).body;

/** Ports whose database lets something happen before each of the next so many batches that write. */
function beforeWrite(happens: () => Promise<unknown>, times = 1): CustomerCtx {
	const own = ctx();
	let left = times;
	const get = (shard: string): Database => {
		let batches = 0;
		return throughWire(own.databases.get(shard), async (_, work) => {
			batches += 1;
			if (batches % 2 === 0 && left > 0) {
				left -= 1;
				await happens();
			}
			return work();
		});
	};
	const database = get("00");
	return { ...own, databases: { ...own.databases, get: () => database } };
}

describe("two that sign at the same time", () => {
	it("do so one after the other: the second decides again upon what the first has done", async () => {
		const customer = await givenStranger();
		const session = sessionOf(customer);
		const second = beforeWrite(() => signPlan({ ctx: ctx(), input: { session, lines: [line(tv)] } }));

		const plan = await signPlan({ ctx: second, input: { session, lines: [line(hifi)] } });

		expect(plan).toMatchObject({ lines: [{ name: "Television" }], next: { lines: [{ name: "Hi-fi" }] } });
		expect(await get(customer)).toEqual(plan);
		const versions = (await eventsOf(customer)).map(({ version }) => Number(version));
		expect(versions).toEqual(versions.toSorted((a, b) => a - b));
		expect(new Set(versions).size).toBe(2);
	});

	it("and want the same, start one plan with one event", async () => {
		const customer = await givenStranger();

		const answers = await Promise.all(Array.from({ length: 5 }, () => put(customer, line(tv))));

		expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
		expect(await eventsOf(customer)).toHaveLength(1);
	});

	it("again and again, end with 503, nothing half done", async () => {
		const customer = await givenStranger();
		const session = sessionOf(customer);
		let turn = 0;
		const others = () => signPlan({ ctx: ctx(), input: { session, lines: [line(turn++ % 2 ? tv : web, turn % 2 ? 7 : 1)] } });

		const signed = signPlan({ ctx: beforeWrite(others, 3), input: { session, lines: [line(hifi)] } });

		await expect(signed).rejects.toMatchObject({ code: "unavailable" });
		expect(JSON.stringify(await get(customer))).not.toContain("Hi-fi");
	});
});

describe("what happens between reading and writing", () => {
	it("row 34: a version that is withdrawn is not signed", async () => {
		const [contractId, customer] = [newId("ctr", "00"), await givenStranger()];
		await givenVersion(customer.database, { contractId });
		const late = beforeWrite(() => givenVersion(customer.database, { contractId, version: 2, offered: false }));

		const signed = signPlan({ ctx: late, input: { session: sessionOf(customer), lines: [line(contractId)] } });

		await expect(signed).rejects.toMatchObject({ code: "contract_not_offered" });
		expect(await get(customer)).toMatchObject({ status: "none" });
		expect(await eventsOf(customer)).toEqual([]);
	});

	it("row 30: a session that is signed out changes nothing", async () => {
		const customer = await givenStranger();
		const late = beforeWrite(() => customer.signOut());

		const signed = signPlan({ ctx: late, input: { session: sessionOf(customer), lines: [line(tv)] } });

		await expect(signed).rejects.toMatchObject({ code: "session_revoked" });
		expect(await get(customer)).toMatchObject({ status: "none" });
	});
});
