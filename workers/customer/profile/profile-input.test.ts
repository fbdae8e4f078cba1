import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { type Customer, eventsOf, givenNewcomer } from "../../../shared/testing/customers.ts";
import { someProfile as said } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import type { Profile } from "./profile.ts";

beforeAll(migrateDatabases);

const path = "/api/v1/profile";
const put = <Body = Profile>(customer: Customer, body: unknown) => customer.put<Body>(path, body);
const profileOf = async (customer: Customer) => (await customer.get<Profile>(path)).body;

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
