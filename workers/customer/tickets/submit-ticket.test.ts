import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import {
	databaseOf,
	type Given,
	givenCustomer,
	givenTicket,
	outboxOf,
	type TicketBody,
	ticketsPath,
} from "../../../shared/testing/customers.ts";
import { someCustomer, someTicket } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";

import { days } from "../../../shared/time.ts";

beforeAll(migrateDatabases);

describe("POST tickets", () => {
	it("answers 202 with the ticket and where it is", async () => {
		const customer = await givenCustomer();
		const before = Date.now();

		const { status, headers, body } = await customer.post<TicketBody>(ticketsPath, someTicket);

		expect(status).toBe(202);
		expect(headers.get("content-type")).toBe("application/json");
		expect(body).toEqual({
			...someTicket,
			id: expect.stringMatching(/^tkt_00[0-7][0-9a-hjkmnp-tv-z]{25}$/),
			status: "submitted",
			createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
			changedAt: null,
			availability: ["morning", "afternoon", "evening"],
			expert: null,
			visit: null,
			note: null,
			resolutions: 0,
			cancellationRequestedAt: null,
			reopenRequestedAt: null,
			reopenableUntil: null,
		});
		expect(Date.parse(body.createdAt)).toBeGreaterThanOrEqual(before);
		expect(headers.get("location")).toBe(`${ticketsPath}/${body.id}`);
		expect((await customer.get<TicketBody>(`${ticketsPath}/${body.id}`)).body).toEqual({ ...body, steps: [], comments: [] });
	});

	it("leaves one unsigned event for sysops, with the customer as the shard has it at this moment", async () => {
		const customer = await givenCustomer();

		const ticket = await givenTicket(customer);

		const [row, ...others] = await outboxOf(customer);
		expect(others).toEqual([]);
		expect(row).toMatchObject({ destination: "sysops", type: "TicketSubmitted" });
		expect(JSON.parse(row?.event ?? "")).toMatchObject({
			specversion: "1.0",
			id: row?.event_id,
			source: "customer",
			type: "TicketSubmitted",
			subject: customer.id,
			time: ticket.createdAt,
			data: {
				...someTicket,
				ticketId: ticket.id,
				submittedAt: Date.parse(ticket.createdAt),
				customer: someCustomer,
			},
		});
	});

	it("takes `normal` for a priority that is not given", async () => {
		const { priority: _, ...body } = someTicket;

		expect(await givenTicket(await givenCustomer(), body)).toMatchObject({ priority: "normal" });
	});

	it("takes a ticket of a plan that ends later", async () => {
		const customer = await givenCustomer({ plan: { startsIn: -days, endsIn: days } });

		expect((await customer.post(ticketsPath, someTicket)).status).toBe(202);
	});

	it("keeps a customer of shard 01 in that database only, ids included", async () => {
		const customer = await givenCustomer({ shard: "01" });
		const others = await contentsOf(databaseOf("00"));

		const ticket = await givenTicket(customer);

		expect(ticket.id).toMatch(/^tkt_01/);
		expect((await outboxOf(customer))[0]?.event_id).toMatch(/^evt_01/);
		const stored = await databaseOf("01").prepare("select customer_id from tickets where id = ?").bind(ticket.id).first();
		expect(stored).toEqual({ customer_id: customer.id });
		expect(await contentsOf(databaseOf("00"))).toEqual(others);
		expect((await customer.get<{ items: TicketBody[] }>(ticketsPath)).body.items).toEqual([ticket]);
	});
});

const nothing = Object.fromEntries(Object.keys(someCustomer).map((field) => [field, null]));
const everything = Object.keys(someCustomer);

describe("POST tickets refuses, and changes nothing,", () => {
	it.each<[string, Given, number, string, string[] | undefined]>([
		["a plan that has ended", { plan: { startsIn: -2 * days, endsIn: -1 } }, 409, "no_active_plan", undefined],
		["a plan that has not started yet", { plan: { startsIn: days } }, 409, "no_active_plan", undefined],
		["a customer without a plan", { plan: null }, 409, "no_active_plan", undefined],
		["a profile with one field missing", { profile: { name: null } }, 422, "profile_incomplete", ["name"]],
		[
			"a profile with two fields missing",
			{ profile: { postalCode: null, phone: null } },
			422,
			"profile_incomplete",
			["postalCode", "phone"],
		],
		["an empty profile", { profile: nothing }, 422, "profile_incomplete", everything],
		["a customer without a profile", { profile: null }, 422, "profile_incomplete", everything],
	])("%s", async (_, given, status, code, missing) => {
		const customer = await givenCustomer(given);
		const before = await contentsOf(customer.database);

		const answer = await customer.post(ticketsPath, someTicket);

		expect(answer).toMatchObject({ status, body: { code, status } });
		expect(answer.headers.get("content-type")).toBe("application/problem+json");
		expect(answer.body.missing).toEqual(missing);
		expect(await contentsOf(customer.database)).toEqual(before);
	});

	it("a session that was signed out, at once, while it can still read", async () => {
		const customer = await givenCustomer();
		const ticket = await givenTicket(customer);
		await customer.signOut();
		const before = await contentsOf(customer.database);

		for (const [path, body] of [
			[ticketsPath, someTicket],
			[`${ticketsPath}/${ticket.id}/comments`, { text: "Hello?" }],
			[`${ticketsPath}/${ticket.id}/cancellation`, {}],
		] as const) {
			expect(await customer.post(path, body), path).toMatchObject({ status: 401, body: { code: "session_revoked" } });
		}

		expect(await contentsOf(customer.database)).toEqual(before);
		expect((await customer.get(ticketsPath)).status).toBe(200);
		expect((await customer.get(`${ticketsPath}/${ticket.id}`)).status).toBe(200);
	});
});
