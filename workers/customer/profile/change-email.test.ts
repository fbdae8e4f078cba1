import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { type Customer, eventsOf, givenCustomer, givenNewcomer } from "../../../shared/testing/customers.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { newId, someProfile as said } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { customerCtx } from "../context.ts";
import { changeEmail } from "./change-email.ts";
import { openProfile } from "./open-profile.ts";
import type { Profile } from "./profile.ts";

beforeAll(migrateDatabases);

const path = "/api/v1/profile";
const ctx = () => customerCtx(env, createExecutionContext());
const put = <Body = Profile>(customer: Customer, body: unknown) => customer.put<Body>(path, body);
const profileOf = async (customer: Customer) => (await customer.get<Profile>(path)).body;
const open = (customer: Customer, email: string) => openProfile({ ctx: ctx(), input: { customerId: customer.id, email } });

describe("a sign-in", () => {
	it("leaves a profile that is there as it is", async () => {
		const customer = await givenNewcomer();
		await put(customer, said);
		const before = await contentsOf(customer.database);

		await open(customer, "other@customer.example");

		expect(await contentsOf(customer.database)).toEqual(before);
	});

	it("opens the profile of whoever has none, and tells billing once: a plan may be all that they sign", async () => {
		const customer = await givenCustomer({ profile: null });

		await open(customer, "ada@customer.example");

		expect(await profileOf(customer)).toMatchObject({ email: "ada@customer.example", name: null });
		const [event, ...others] = await eventsOf(customer);
		expect(others).toEqual([]);
		expect(event).toMatchObject({ type: "CustomerChanged", data: { email: "ada@customer.example", name: null } });
	});

	it("tells billing at last of a profile that it has not heard of, and takes no other address for it", async () => {
		const customer = await givenCustomer({ profile: null });
		await customer.database
			.prepare("insert into profiles (customer_id, email) values (?, 'first@customer.example')")
			.bind(customer.id)
			.run();

		await open(customer, "other@customer.example");
		await open(customer, "other@customer.example");

		expect(await eventsOf(customer)).toMatchObject([{ type: "CustomerChanged", data: { email: "first@customer.example" } }]);
	});

	it("gives a profile that lost its address, as when its shard was put back, the address, and tells billing at last", async () => {
		const customer = await givenCustomer({ profile: null });
		await put(customer, said);
		expect(await eventsOf(customer)).toEqual([]);
		const text = "select version from profiles where customer_id = ?";
		const [before] = await rowsOf<{ version: number }>(customer.database, text, customer.id);

		await open(customer, "ada@customer.example");
		await open(customer, "ada@customer.example");

		expect(await profileOf(customer)).toMatchObject({ email: "ada@customer.example", name: said.name });
		const [event, ...others] = await eventsOf(customer);
		expect(others).toEqual([]);
		expect(event).toMatchObject({ type: "CustomerChanged", data: { email: "ada@customer.example", name: said.name } });
		expect(Number(event?.version)).toBeGreaterThan(before?.version ?? Infinity);
	});
});

describe("a change of the e-mail address", () => {
	const change = (customer: Customer, email: string, changedAt: number) =>
		changeEmail({ ctx: ctx(), input: { customerId: customer.id, email, changedAt } });

	it("reaches profile and billing, with the rest of the profile", async () => {
		const customer = await givenNewcomer();
		await put(customer, said);

		await change(customer, "new@customer.example", 1000);

		expect(await profileOf(customer)).toMatchObject({ ...said, email: "new@customer.example" });
		const [first, second, ...others] = await eventsOf(customer);
		expect(others).toEqual([]);
		expect(second).toMatchObject({ type: "CustomerChanged", data: { email: "new@customer.example", name: said.name } });
		expect(Number(second?.version)).toBeGreaterThan(Number(first?.version));
	});

	it("that is repeated, or older than the last, changes nothing and tells nobody", async () => {
		const customer = await givenNewcomer();
		await change(customer, "second@customer.example", 2000);
		const before = await contentsOf(customer.database);

		await change(customer, "second@customer.example", 2000);
		await change(customer, "first@customer.example", 1000);

		expect(await contentsOf(customer.database)).toEqual(before);
	});

	it("does not need a profile, and a sign-in that comes later does not undo it", async () => {
		const customer = await givenCustomer({ profile: null });

		await change(customer, "new@customer.example", 1000);
		await open(customer, "old@customer.example");

		expect(await profileOf(customer)).toMatchObject({ email: "new@customer.example", name: null });
		expect((await eventsOf(customer)).map(({ data }) => data)).toMatchObject([{ email: "new@customer.example", name: null }]);
	});

	it("survives what the customer says of the rest", async () => {
		const customer = await givenNewcomer();
		await change(customer, "new@customer.example", 1000);

		expect((await put(customer, said)).body).toMatchObject({ email: "new@customer.example" });
	});

	it.each([
		["no address", { email: "" }],
		["too long", { email: "é".repeat(161) }],
		["no customer", { customerId: newId("tkt", "00") }],
		["no time", { changedAt: Number.NaN }],
	])("is refused with %s", async (_, wrong) => {
		const customer = await givenNewcomer();
		const input = { customerId: customer.id, email: "new@customer.example", changedAt: 1000, ...wrong };

		await expect(changeEmail({ ctx: ctx(), input })).rejects.toThrow();
	});
});
