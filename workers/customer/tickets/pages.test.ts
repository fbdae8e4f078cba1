import { beforeAll, describe, expect, it } from "vitest";
import { browserOf } from "../../../shared/testing/browser.ts";
import { contentsOf } from "../../../shared/testing/contents.ts";
import {
	type Customer,
	type Given,
	givenCustomer,
	givenTicket,
	sessionTokenOf,
	type TicketBody,
	ticketsPath,
} from "../../../shared/testing/customers.ts";
import { identityThat, withIdentity } from "../../../shared/testing/fake-identity.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { hiddenIn, Visitor, visitorOf } from "../../../shared/testing/pages.ts";
import { minutes } from "../../../shared/time.ts";
import worker from "../index.ts";

let ada: Customer;
beforeAll(async () => {
	await migrateDatabases();
	ada = await givenCustomer();
});

const radio = { device: "Radio", category: "audio", priority: "low", text: "It hums.\r\nLoudly." };
const home = { availability: ["evening", "morning"] };
const listOf = async (customer: Customer) => (await customer.get<{ items: TicketBody[] }>(ticketsPath)).body.items;

describe("the form of a new ticket", () => {
	it("submits it, and leads to it with a message", async () => {
		const customer = await givenCustomer();
		const visitor = visitorOf(worker, customer);
		const key = hiddenIn((await visitor.get("/tickets/new")).text, "key");

		const { status, headers } = await visitor.submit("/tickets/new", { ...radio, ...home, key });

		const [ticket, ...others] = await listOf(customer);
		expect(others).toEqual([]);
		expect(ticket).toMatchObject({ ...radio, text: "It hums.\nLoudly.", availability: ["morning", "evening"] });
		expect({ status, location: headers.get("location") }).toEqual({
			status: 303,
			location: `/tickets/${ticket?.id}?done=ticket-submitted`,
		});
		const { text } = await visitor.get(`/tickets/${ticket?.id}?done=ticket-submitted`);
		expect(text).toContain("Your ticket is with us.");
		expect(text).toContain("It hums.\nLoudly.");
	});

	it("sent twice is one ticket", async () => {
		const customer = await givenCustomer();
		const visitor = visitorOf(worker, customer);
		const key = hiddenIn((await visitor.get("/tickets/new")).text, "key");

		const [first, second] = [
			await visitor.submit("/tickets/new", { ...radio, ...home, key }),
			await visitor.submit("/tickets/new", { ...radio, ...home, key }),
		];

		expect(await listOf(customer)).toHaveLength(1);
		expect(second.headers.get("location")).toBe(first.headers.get("location"));
	});

	it.each<[string, Given, string, string]>([
		["a profile", { profile: null }, "We need your address and phone number first", "/profile"],
		["a phone number", { profile: { phone: null } }, "We need your address and phone number first", "/profile"],
		["a plan", { plan: null }, "You need an active support plan", "/plan/edit"],
		["a plan that still runs", { plan: { startsIn: -1000, endsIn: -1 } }, "You need an active support plan", "/plan/edit"],
	])("is not shown to who has not %s: nobody types into it in vain", async (_, given, reason, path) => {
		const { status, text } = await visitorOf(worker, await givenCustomer(given)).get("/tickets/new");

		expect(status).toBe(200);
		expect(text).toContain(reason);
		expect(text).toContain(`<a class="button" href="${path}">`);
		expect(text).not.toContain("<textarea");
	});

	it("is taken while identity is away, from who signed in up to an hour ago", async () => {
		const customer = await givenCustomer();
		const issuedAt = Math.floor((Date.now() - 30 * minutes) / 1000);
		const token = await sessionTokenOf({ sub: customer.id, sid: customer.sessionId }, { issuedAt });
		const visitor = new Visitor(browserOf(worker, withIdentity(identityThat({})), { session: token, refresh: "s" }));
		const key = hiddenIn((await visitor.get("/tickets/new")).text, "key");

		const { status } = await visitor.submit("/tickets/new", { ...radio, ...home, key });

		expect(status).toBe(303);
		expect(await listOf(customer)).toHaveLength(1);
	});

	it("row 32: sent again with another content says so, and can then be sent as something new", async () => {
		const customer = await givenCustomer();
		const visitor = visitorOf(worker, customer);
		await visitor.submit("/tickets/new", { ...radio, ...home, key: "k" });

		const again = await visitor.submit("/tickets/new", { ...radio, ...home, device: "Record player", key: "k" });

		expect(again.status).toBe(422);
		expect(again.text).toContain("You have sent this form before");
		const key = hiddenIn(again.text, "key");
		expect(key).not.toBe("k");
		expect((await visitor.submit("/tickets/new", { ...radio, ...home, device: "Record player", key })).status).toBe(303);
		expect(await listOf(customer)).toHaveLength(2);
	});

	it("with errors comes back with what was typed, and an error for each field that the summary leads to", async () => {
		const before = await contentsOf(ada.database);

		const { status, text } = await visitorOf(worker, ada).submit("/tickets/new", {
			device: "x".repeat(121),
			category: "",
			priority: "low",
			text: "It hums & crackles.",
			...home,
			key: "k",
		});

		expect(status).toBe(422);
		for (const [field, message] of [
			["device", "Enter the device, in at most 120 characters"],
			["category", "Choose what kind of device it is"],
		]) {
			expect(text).toContain(`<a href="#${field}">${message}</a>`);
			expect(text).toMatch(new RegExp(`id="${field}"[^>]*aria-describedby="[^"]*${field}-error"[^>]*aria-invalid="true"`));
			expect(text).toMatch(new RegExp(`id="${field}-error"[^>]*>.*?${message}`));
		}
		expect(text).not.toContain('href="#text"');
		expect(text).toContain(`value="${"x".repeat(121)}"`);
		expect(text).toContain("It hums &amp; crackles.");
		expect(text).toMatch(/value="low" checked/);
		expect(text).toMatch(/role="alert" tabindex="-1" autofocus/);
		expect(hiddenIn(text, "key")).toBe("k");
		expect(await contentsOf(ada.database)).toEqual(before);
	});

	it("asks when somebody is at home: always, unless told, and at some time", async () => {
		const visitor = visitorOf(worker, ada);

		const shown = (await visitor.get("/tickets/new")).text;
		const refused = await visitor.submit("/tickets/new", { ...radio, key: "k" });

		expect(shown.match(/type="checkbox" name="availability" value="\w+" checked/g)).toHaveLength(3);
		expect(refused.status).toBe(422);
		expect(refused.text).toContain('<a href="#availability">Choose at least one part of the day at which you can be at home</a>');
		expect(refused.text).toMatch(/<fieldset class="field invalid" aria-describedby="availability-hint availability-error">/);
		expect(refused.text).toContain('id="availability" type="checkbox"');
	});

	it.each<[string, Given, string, string]>([
		["an incomplete profile", { profile: { street: null } }, "We need your address", "/profile"],
		["no plan", { plan: null }, "You need an active support plan", "/plan/edit"],
	])("with %s keeps what was typed and leads there", async (_, given, message, path) => {
		const { status, text } = await visitorOf(worker, await givenCustomer(given)).submit("/tickets/new", {
			...radio,
			...home,
			key: "k",
		});

		expect(status).toBe(422);
		expect(text).toContain(message);
		expect(text).toMatch(new RegExp(`<a class="link" href="${path}`));
		expect(text).toContain('value="Radio"');
	});

	it.each(["status", "customerId", "__proto__", "constructor"])(
		"row 2: with an extra field %s changes nothing",
		async (field) => {
			const before = await contentsOf(ada.database);

			const { status, text } = await visitorOf(worker, ada).submit("/tickets/new", {
				...radio,
				...home,
				key: "k",
				[field]: "canary-7Qx",
			});

			expect(status).toBe(422);
			expect(text).toContain("This form is not as we sent it.");
			expect(text).not.toContain("canary-7Qx");
			expect(await contentsOf(ada.database)).toEqual(before);
		},
	);

	it("row 3: that is too large is refused with a page", async () => {
		const { status, text } = await visitorOf(worker, ada).submit("/tickets/new", {
			...radio,
			key: "k",
			text: "x".repeat(40_000),
		});

		expect(status).toBe(413);
		expect(text).toContain("That was too much at once");
	});

	it("row 30: after signing out submits nothing", async () => {
		const customer = await givenCustomer();
		await customer.signOut();

		const { status } = await visitorOf(worker, customer).submit("/tickets/new", { ...radio, ...home, key: "k" });

		expect(status).toBe(401);
		expect(await listOf(customer)).toEqual([]);
	});
});

describe("a ticket's page", () => {
	it("takes comments, once each", async () => {
		const { id } = await givenTicket(ada);
		const visitor = visitorOf(worker, ada);
		const key = hiddenIn((await visitor.get(`/tickets/${id}`)).text, "key");

		for (let i = 0; i < 2; i++) {
			const { status, headers } = await visitor.submit(`/tickets/${id}/comments`, { text: "Since Monday.", key });
			expect({ status, location: headers.get("location") }).toEqual({
				status: 303,
				location: `/tickets/${id}?done=comment-added`,
			});
		}
		expect((await ada.get<TicketBody>(`${ticketsPath}/${id}`)).body.comments).toMatchObject([{ text: "Since Monday." }]);
		expect(await visitor.submit(`/tickets/${id}/comments`, { text: " ", key })).toMatchObject({
			status: 422,
			text: expect.stringContaining('<a href="#text">Write your comment</a>'),
		});
	});

	it("asks before it asks for a cancellation", async () => {
		const { id } = await givenTicket(ada);
		const visitor = visitorOf(worker, ada);

		expect((await visitor.get(`/tickets/${id}/cancellation`)).text).toContain("Cancel this ticket?");
		expect((await ada.get<TicketBody>(`${ticketsPath}/${id}`)).body.cancellationRequestedAt).toBeNull();
		expect((await visitor.submit(`/tickets/${id}/cancellation`, {})).headers.get("location")).toBe(
			`/tickets/${id}?done=cancellation-requested`,
		);

		const { text } = await visitor.get(`/tickets/${id}`);
		expect(text).toContain("Cancellation asked for");
		expect(text).not.toMatch(/on its way|An expert will be assigned/);
		expect(text).not.toContain("I no longer need this visit");
	});

	it("row 1: of another customer is answered as if absent, whatever is asked of it", async () => {
		const owner = await givenCustomer();
		const { id } = await givenTicket(owner);
		const absent = newId("tkt", "00");
		const before = await contentsOf(owner.database);
		const visitor = visitorOf(worker, ada);

		const without = (text: string) => text.replaceAll(/req_\w+/g, "");
		for (const ask of [
			(of: string) => visitor.get(`/tickets/${of}`),
			(of: string) => visitor.get(`/tickets/${of}/cancellation`),
			(of: string) => visitor.submit(`/tickets/${of}/comments`, { text: "Mine?", key: "k" }),
			(of: string) => visitor.submit(`/tickets/${of}/comments`, { text: "", key: "k" }),
			(of: string) => visitor.submit(`/tickets/${of}/cancellation`, {}),
		]) {
			const [theirs, nobodys] = [await ask(id), await ask(absent)];
			expect(theirs.status).toBe(404);
			expect(without(theirs.text)).toBe(without(nobodys.text));
		}
		expect(await contentsOf(owner.database)).toEqual(before);
	});
});

describe("the list of tickets", () => {
	it("says what to do when there is none", async () => {
		const { text } = await visitorOf(worker, await givenCustomer()).get("/tickets");

		expect(text).toContain("No tickets yet");
		expect(text).toContain('href="/tickets/new"');
	});

	it("goes on to older ones, and back", async () => {
		const customer = await givenCustomer();
		for (let i = 0; i < 21; i++) await givenTicket(customer, { device: `Radio ${i}`, category: "audio", text: "x" });
		const visitor = visitorOf(worker, customer);

		const { text } = await visitor.get("/tickets");
		const [, older = ""] = /href="(\/tickets\?cursor=[^"]+)"/.exec(text) ?? [];
		const last = await visitor.get(older);

		expect(text.match(/<a href="\/tickets\/tkt_/g)).toHaveLength(20);
		expect(last.text.match(/<a href="\/tickets\/tkt_/g)).toHaveLength(1);
		expect(last.text).toContain('<a class="link" href="/tickets">');
	});
});
