import { beforeAll, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { givenCustomer } from "../../../shared/testing/customers.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { hiddenIn, visitorOf } from "../../../shared/testing/pages.ts";
import worker from "../index.ts";

beforeAll(migrateDatabases);

const profile = {
	name: "Grace Example",
	street: "2 Example Street",
	postalCode: "10115",
	city: "Berlin",
	country: "DE",
	region: "north",
	phone: "+49 30 5550101",
	language: "de",
	notify: ["sms"],
};

it.each([
	["without a plan", null, "/plan/edit?done=profile-saved"],
	["with a plan", { startsIn: -1000 }, "/tickets/new?done=profile-saved"],
])("a customer %s who completes the profile is led on", async (_, plan, next) => {
	const visitor = visitorOf(worker, await givenCustomer({ profile: null, plan }));
	const first = hiddenIn((await visitor.get("/profile")).text, "first");

	const { status, headers } = await visitor.submit("/profile", { ...profile, first });

	expect({ status, location: headers.get("location") }).toEqual({ status: 303, location: next });
	const { text } = await visitor.get("/profile");
	for (const value of [profile.name, profile.street, profile.phone]) expect(text).toContain(`value="${value}"`);
	expect(text).toMatch(/<option value="DE" selected="">Germany/);
	expect(text).toMatch(/value="de" checked/);
	expect(text).toMatch(/value="sms" checked/);
	expect(text).not.toMatch(/value="email" checked/);
});

it.each([
	["where the request comes from", null, "DE", "DE"],
	["what they have said", "AT", "DE", "AT"],
	["nothing when that is not known", null, "XX", ""],
])("the country is chosen beforehand: %s", async (_, country, from, chosen) => {
	const { browser } = visitorOf(worker, await givenCustomer({ profile: { country } }));

	const { text } = await browser.get("/profile", { accept: "text/html", "cf-ipcountry": from });

	const [, select = ""] = /<select[^>]* name="country"(.*?)<\/select>/s.exec(text) ?? [];
	expect(/<option value="([^"]*)" selected/.exec(select)?.[1] ?? "").toBe(chosen);
});

it("browsers can fill in name, address and phone number", async () => {
	const { text } = await visitorOf(worker, await givenCustomer()).get("/profile");

	for (const [field, fill] of Object.entries({
		name: "name",
		street: "address-line1", // `street-address` is for several lines
		postalCode: "postal-code",
		city: "address-level2",
		country: "country",
		phone: "tel",
	})) {
		expect(text).toMatch(new RegExp(`<(input|select)[^>]* name="${field}"[^>]* autocomplete="${fill}"`));
	}
	expect(text).toMatch(/<input[^>]* name="phone"[^>]* type="tel"/);
});

it("a customer who changes a complete profile stays there", async () => {
	const visitor = visitorOf(worker, await givenCustomer());
	const first = hiddenIn((await visitor.get("/profile")).text, "first");

	const { headers } = await visitor.submit("/profile", { ...profile, first, notify: [] });

	expect(headers.get("location")).toBe("/profile?done=profile-saved");
	expect((await visitor.get("/profile")).text).not.toMatch(/value="(sms|email)" checked/);
});

it("errors come back beside their fields, and nothing is stored", async () => {
	const customer = await givenCustomer();
	const before = await contentsOf(customer.database);

	const { status, text } = await visitorOf(worker, customer).submit("/profile", {
		...profile,
		name: " ",
		country: "XX",
		phone: "none",
	});

	expect(status).toBe(422);
	for (const [field, message] of [
		["name", "Enter your name"],
		["country", "Choose the country"],
		["phone", "Enter a phone number with its country code"],
	]) {
		expect(text).toContain(`<a href="#${field}">${message}`);
	}
	expect(text).not.toContain('href="#street"');
	expect(text).toContain('value="none"');
	expect(await contentsOf(customer.database)).toEqual(before);
});
