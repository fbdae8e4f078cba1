import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { type Customer, eventsOf, givenCustomer } from "../../../shared/testing/customers.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { customerCtx } from "../context.ts";
import { changeEmail } from "./change-email.ts";
import { openProfile } from "./open-profile.ts";
import type { Profile } from "./profile.ts";

beforeAll(migrateDatabases);

const path = "/api/v1/profile";
const ctx = () => customerCtx(env, createExecutionContext());

const said = {
	name: "Ada Example",
	street: "1 Analytical Way",
	postalCode: "N1 9GU",
	city: "London",
	country: "GB",
	region: "south",
	phone: "+44 20 7946 0000",
	language: "de",
	notify: { email: false, sms: true },
};

/** A customer who has just signed in for the first time. */
async function givenNewcomer(email = "ada@customer.example", shard = "00"): Promise<Customer> {
	const customer = await givenCustomer({ shard, profile: null, plan: null });
	await openProfile({ ctx: ctx(), input: { customerId: customer.id, email } });
	return customer;
}

const put = <Body = Profile>(customer: Customer, body: unknown) => customer.put<Body>(path, body);
const profileOf = async (customer: Customer) => (await customer.get<Profile>(path)).body;

describe("GET profile", () => {
	it("of a customer who has just signed up has the address, and says what is missing", async () => {
		const customer = await givenNewcomer();

		const answer = await customer.get<Profile>(path);

		expect(answer.status).toBe(200);
		expect(answer.headers.get("cache-control")).toBe("no-store");
		const { language: _, notify: __, ...nothing } = Object.fromEntries(Object.keys(said).map((field) => [field, null]));
		expect(answer.body).toEqual({
			customerId: customer.id,
			email: "ada@customer.example",
			...nothing,
			language: "en",
			notify: { email: true, sms: false },
			missing: ["name", "street", "postalCode", "city", "country", "region", "phone"],
		});
	});

	it("names only what is missing", async () => {
		const customer = await givenCustomer({ profile: { city: null, phone: null } });

		expect((await profileOf(customer)).missing).toEqual(["city", "phone"]);
	});

	it("before anything is known is empty", async () => {
		const customer = await givenCustomer({ profile: null });

		expect(await profileOf(customer)).toMatchObject({ email: "", name: null, notify: { email: true, sms: false } });
	});
});

describe("PUT profile", () => {
	it.each(["00", "01"])("keeps what was said, completes the profile and tells billing once (shard %s)", async (shard) => {
		const customer = await givenNewcomer("ada@customer.example", shard);
		const before = Date.now();

		const answer = await put(customer, said);

		expect(answer.status).toBe(200);
		expect(answer.body).toEqual({ customerId: customer.id, email: "ada@customer.example", ...said, missing: [] });
		expect(await profileOf(customer)).toEqual(answer.body);
		const [event, ...others] = await eventsOf(customer);
		expect(others).toEqual([]);
		const { phone: _, notify: __, ...address } = said;
		expect(event).toMatchObject({ type: "CustomerChanged", source: "customer", subject: customer.id });
		expect(event?.data).toEqual({ email: "ada@customer.example", ...address });
		expect(event?.version).toMatch(/^\d{13}$/);
		expect(Number(event?.version)).toBeGreaterThanOrEqual(before);
	});

	it("opens the way to a ticket", async () => {
		const customer = await givenCustomer({ profile: null });
		const ticket = { device: "Radio", category: "audio", text: "It hums." };
		expect(await customer.post("/api/v1/tickets", ticket)).toMatchObject({ status: 422, body: { code: "profile_incomplete" } });

		await put(customer, said);

		expect((await customer.post("/api/v1/tickets", ticket)).status).toBe(202);
	});

	it("that says the same again changes nothing and tells nobody", async () => {
		const customer = await givenNewcomer();
		await put(customer, said);
		const before = await contentsOf(customer.database);

		const again = await put(customer, said);

		expect(again).toMatchObject({ status: 200, body: said });
		expect(await contentsOf(customer.database)).toEqual(before);
	});

	it("replaces all of it, under a higher version even when the one before is of a time to come", async () => {
		const customer = await givenNewcomer();
		await put(customer, said);
		const ahead = Date.now() + 1_000_000;
		await customer.database.prepare("update profiles set version = ? where customer_id = ?").bind(ahead, customer.id).run();
		const next = { ...said, name: "Ada Byron", notify: { email: true, sms: false }, language: "en" };

		expect((await put(customer, next)).body).toMatchObject(next);

		const [, event] = await eventsOf(customer);
		expect(event).toMatchObject({ version: String(ahead + 1), data: { name: "Ada Byron", language: "en" } });
	});

	it("of another customer's id goes to the session's own", async () => {
		const [me, other] = [await givenNewcomer(), await givenNewcomer()];

		await me.put(`${path}?customerId=${other.id}`, said);

		expect(await profileOf(other)).toMatchObject({ name: null });
		expect(await profileOf(me)).toMatchObject({ name: said.name });
	});

	it("row 30: of a session that was signed out is refused at once, and changes nothing", async () => {
		const customer = await givenNewcomer();
		await customer.signOut();
		const before = await contentsOf(customer.database);

		expect(await put(customer, said)).toMatchObject({ status: 401, body: { code: "session_revoked" } });
		expect(await contentsOf(customer.database)).toEqual(before);
		expect((await customer.get(path)).status).toBe(200);
	});
});

describe("PUT profile refuses with 422 that names the field, and changes nothing:", () => {
	it.each<[string, unknown, string?]>([
		["name", ""],
		["name", "  "],
		["name", null],
		["name", undefined],
		["name", "é".repeat(251)],
		["name", "two\nlines"],
		["street", "x".repeat(801)],
		["street", "x\r\nBcc: all"],
		["postalCode", "é".repeat(41)],
		["city", "家".repeat(167)],
		["country", "de"],
		["country", "DEU"],
		["country", "XX"],
		["country", "UK"],
		["region", "london"],
		["region", "North"],
		["phone", "0301234567"],
		["phone", "+49"],
		["phone", "+49 30 call me"],
		["phone", "+049 30 5550100"],
		["phone", "+1234567890123456"],
		["phone", `+49 30 5550100${" ".repeat(2)}9${"-".repeat(160)}1`],
		["language", "fr"],
		["notify", true],
		["notify", { email: true }, "notify.sms"],
		["notify", { email: "yes", sms: false }, "notify.email"],
	])("%s = %j", async (field, wrong, named = field) => {
		const customer = await givenNewcomer();
		const before = await contentsOf(customer.database);

		const answer = await customer.put(path, { ...said, [field]: wrong });

		expect(answer).toMatchObject({ status: 422, body: { code: "invalid_field" } });
		expect(new Set(answer.body.errors?.map(({ field }) => field))).toEqual(new Set([named]));
		expect(await contentsOf(customer.database)).toEqual(before);
	});

	it.each(["email", "customerId", "version", "missing"])("row 2: %s is not for the customer to say", async (field) => {
		const customer = await givenNewcomer();

		const answer = await put(customer, { ...said, [field]: "x@evil.example" });

		expect(answer).toMatchObject({ status: 422, body: { errors: [{ field: "", rule: "unknown_field" }] } });
	});

	it("row 2: an extra field inside", async () => {
		const answer = await put(await givenNewcomer(), { ...said, notify: { ...said.notify, fax: true } });

		expect(answer).toMatchObject({ status: 422, body: { errors: [{ field: "notify", rule: "unknown_field" }] } });
	});
});

describe("PUT profile takes", () => {
	it("what is as long as it may be, in bytes", async () => {
		const longest = { name: "é".repeat(250), street: "家".repeat(266), postalCode: "é".repeat(40), city: "x".repeat(500) };
		const customer = await givenNewcomer();

		expect((await put(customer, { ...said, ...longest })).body).toMatchObject(longest);
	});

	it.each(["+49305550100", "+49 30 5550100", "+1 (555) 010-0199", "+44 20.7946.0000", "+353 1 555 01 00"])(
		"%s as a phone number",
		async (phone) => {
			expect((await put(await givenNewcomer(), { ...said, phone })).status).toBe(200);
		},
	);

	it.each([
		["emoji with joiners", "👩‍👩‍👧‍👦 🇬🇧", "👩‍👩‍👧‍👦 🇬🇧"],
		["right-to-left", "עדה ‏آدا", "עדה ‏آدا"],
		["combining characters", "Cafe\u0301", "Caf\u00e9"],
	])("row 23: %s, and keeps them intact, in NFC", async (_, given, kept) => {
		const customer = await givenNewcomer();

		await put(customer, { ...said, name: given, street: given, city: given });

		expect(await profileOf(customer)).toMatchObject({ name: kept, street: kept, city: kept });
		expect((await eventsOf(customer))[0]?.data).toMatchObject({ name: kept, street: kept, city: kept });
	});

	it("row 26: what looks like SQL or JSON, as text", async () => {
		const text = `'); drop table profiles; -- ","email":"x"} :name ?1`;
		const customer = await givenNewcomer();

		await put(customer, { ...said, name: text, street: text });

		expect(await profileOf(customer)).toMatchObject({ name: text, street: text, email: "ada@customer.example" });
		expect((await eventsOf(customer))[0]?.data).toMatchObject({ name: text, email: "ada@customer.example" });
	});
});

describe("a sign-in", () => {
	it("leaves a profile that is there as it is", async () => {
		const customer = await givenNewcomer();
		await put(customer, said);
		const before = await contentsOf(customer.database);

		await openProfile({ ctx: ctx(), input: { customerId: customer.id, email: "other@customer.example" } });

		expect(await contentsOf(customer.database)).toEqual(before);
	});

	it("gives a profile without an address its address", async () => {
		const customer = await givenCustomer();

		await openProfile({ ctx: ctx(), input: { customerId: customer.id, email: "ada@customer.example" } });

		expect(await profileOf(customer)).toMatchObject({ email: "ada@customer.example", name: "Ada Example" });
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
		await openProfile({ ctx: ctx(), input: { customerId: customer.id, email: "old@customer.example" } });

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
