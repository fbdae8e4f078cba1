import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { databaseOf, givenCustomer } from "../../../shared/testing/customers.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { type Visitor, visitorOf } from "../../../shared/testing/pages.ts";
import { givenVersion } from "../../../shared/testing/replica.ts";
import worker from "../index.ts";

const [television, audio] = [newId("ctr", "00"), newId("ctr", "00")];
beforeAll(async () => {
	await migrateDatabases();
	for (const shard of ["00", "01"]) {
		await givenVersion(databaseOf(shard), { contractId: television, version: 2 });
		const price = { amountMinor: 790, currency: "EUR" };
		await givenVersion(databaseOf(shard), { contractId: audio, version: 7, terms: { name: "Hi-fi care", price } });
	}
});

const [tv, hifi] = [`${television}.2`, `${audio}.7`];
const query = (...lines: string[]) => lines.map((line) => `line=${line}`).join("&");

async function givenVisitor(...signed: string[]): Promise<Visitor> {
	const visitor = visitorOf(worker, await givenCustomer({ plan: null }));
	if (signed.length > 0) await visitor.submit("/plan/review", { line: signed });
	return visitor;
}

const locationOf = ({ status, headers }: { status: number; headers: Headers }) => `${status} ${headers.get("location")}`;

describe("a plan", () => {
	it("is chosen, checked with its total, signed, and leads on to a ticket", async () => {
		const visitor = await givenVisitor();

		expect((await visitor.get("/plan")).text).toContain("No plan yet");
		expect(locationOf(await visitor.get("/plan/cancel"))).toBe("303 /plan");
		expect((await visitor.get("/plan/edit")).text).toContain(`value="${tv}"`);
		const { text } = await visitor.get(`/plan/review?${query(tv, hifi)}`);
		expect(text).toContain("Your plan starts at once");
		expect(text).toContain("Sign for €20.80 a month");
		expect((await visitor.get("/plan")).text).toContain("No plan yet");
		expect(locationOf(await visitor.submit("/plan/review", { line: [tv, hifi] }))).toBe("303 /tickets/new?done=plan-signed");

		const plan = (await visitor.get("/plan")).text;
		expect(plan).toContain("Television Care");
		expect(plan).toContain("€20.80");
		expect(plan).toContain("This period runs until");
	});

	it("is changed from the next period on, which can be taken back", async () => {
		const visitor = await givenVisitor(tv);

		const review = (await visitor.get(`/plan/review?${query(hifi)}`)).text;
		expect(review).toMatch(/Your plan changes with its next period, on <time/);
		expect(review).toMatch(/<dt>New<\/dt><dd>Hi-fi care<\/dd><dt>No longer<\/dt><dd>Television Care<\/dd>/);
		expect(locationOf(await visitor.submit("/plan/review", { line: hifi }))).toBe("303 /plan?done=plan-changed");
		expect((await visitor.get("/plan")).text).toMatch(/Your plan changes on .*From then on: Hi-fi care, for €7.90 a month/);
		expect((await visitor.get("/plan/edit")).text).toMatch(new RegExp(`value="${hifi}" checked`));

		expect(locationOf(await visitor.submit("/plan/keep", {}))).toBe("303 /plan?done=plan-kept");
		expect((await visitor.get("/plan")).text).not.toContain("Your plan changes");
	});

	it("is cancelled after a question, stays until the end of the period, and can be kept after all", async () => {
		const visitor = await givenVisitor(tv);

		expect((await visitor.get("/plan/cancel")).text).toMatch(/It stays active until <time/);
		expect(locationOf(await visitor.submit("/plan/cancel", {}))).toBe("303 /plan?done=plan-ends");
		expect((await visitor.get("/plan")).text).toContain("Your plan ends on");
		expect(locationOf(await visitor.get("/plan/cancel"))).toBe("303 /plan"); // there is nothing left to cancel

		await visitor.submit("/plan/keep", {});
		expect((await visitor.get("/plan")).text).not.toContain("Your plan ends on");
	});

	it("that is signed again as it was before its end says that it goes on, not that it changes", async () => {
		const visitor = await givenVisitor(tv);
		await visitor.submit("/plan/cancel", {});

		const { text } = await visitor.get(`/plan/review?${query(tv)}`);

		expect(text).toContain("Your plan goes on as it is now");
		expect(text).not.toContain("Your plan changes");
	});

	it("that has ended meanwhile is not called kept", async () => {
		const visitor = await givenVisitor();

		expect(locationOf(await visitor.submit("/plan/keep", {}))).toBe("303 /plan");
	});

	it("keeps the price that was signed, and says so beside the new one", async () => {
		const contractId = newId("ctr", "00");
		await givenVersion(databaseOf("00"), { contractId, version: 1, terms: { name: "Phone care" } });
		const visitor = await givenVisitor(`${contractId}.1`);
		const price = { amountMinor: 9900, currency: "EUR" };
		await givenVersion(databaseOf("00"), { contractId, version: 2, terms: { name: "Phone care", price } });

		const { text } = await visitor.get("/plan/edit");

		expect(text).toMatch(new RegExp(`value="${contractId}.1" checked.*As you signed it: you keep this price`));
		const both = await visitor.get(`/plan/review?${query(`${contractId}.1`, `${contractId}.2`)}`);
		expect(both).toMatchObject({ status: 422, text: expect.stringContaining("Choose only one version of each contract") });
	});

	it.each([
		["nothing", "", "Choose at least one contract"],
		["what is no contract", query("x"), "Choose at least one contract"],
		["row 34: an older version", query(`${television}.1`), "The catalogue has changed meanwhile"],
	])("of %s is not reviewed: the choice comes back with the reason", async (_, asked, reason) => {
		const { status, text } = await (await givenVisitor()).get(`/plan/review?${asked}`);

		expect({ status, says: text.includes(reason), choice: text.includes(`value="${tv}"`) }).toEqual({
			status: 422,
			says: true,
			choice: true,
		});
	});

	it("row 34: of a version that is not on offer is not signed, and nothing to cancel is said so", async () => {
		const visitor = await givenVisitor();
		const before = await contentsOf(databaseOf("00"));

		expect(await visitor.submit("/plan/review", { line: `${television}.1` })).toMatchObject({ status: 422 });
		expect(await visitor.submit("/plan/cancel", {})).toMatchObject({
			status: 422,
			text: expect.stringContaining("no active plan"),
		});
		expect(await visitor.submit("/plan/review", { line: tv, extra: "x" })).toMatchObject({ status: 422 });
		expect(await contentsOf(databaseOf("00"))).toEqual(before);
	});

	it("that has nothing new says so, and is not to be signed", async () => {
		const { text } = await (await givenVisitor(tv)).get(`/plan/review?${query(tv)}`);

		expect(text).toContain("Nothing would change");
		expect(text).not.toContain('action="/plan/review"');
	});
});
