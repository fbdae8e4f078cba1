import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { type Customer, eventsOf, givenCustomer, givenNewcomer } from "../../../shared/testing/customers.ts";
import { someProfile as said } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import type { Profile } from "./profile.ts";

beforeAll(migrateDatabases);

const path = "/api/v1/profile";
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
