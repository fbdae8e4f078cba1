import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../shared/testing/contents.ts";
import {
	type Customer,
	givenCustomer,
	givenTicket,
	outboxOf,
	type TicketBody,
	ticketsPath,
} from "../../shared/testing/customers.ts";
import { someTicket } from "../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../shared/testing/migrations.ts";

let customer: Customer;

beforeAll(async () => {
	await migrateDatabases();
	customer = await givenCustomer();
});

describe("texts of every script are kept intact, in NFC", () => {
	it.each([
		["emoji with joiners", "👩‍👩‍👧‍👦 🇬🇧 👍🏽", "👩‍👩‍👧‍👦 🇬🇧 👍🏽"],
		["right-to-left", "התקליטור שבור ‏مكسور", "התקליטור שבור ‏مكسور"],
		["combining characters", "Cafe\u0301 A\u030a", "Caf\u00e9 \u00c5"],
		["combining characters without a composed form", "q\u0323\u0307", "q\u0323\u0307"],
		["letters of three bytes", "電視機壞了", "電視機壞了"],
		["what looks like SQL", "'); drop table tickets; --", "'); drop table tickets; --"],
		["what looks like HTML", "<script>alert(1)</script>", "<script>alert(1)</script>"],
		["quotes and backslashes", `"\\" \\u0041`, `"\\" \\u0041`],
	])("%s", async (_, given, kept) => {
		const own = await givenCustomer();
		const ticket = await givenTicket(own, { ...someTicket, device: given, text: given });
		await own.post(`${ticketsPath}/${ticket.id}/comments`, { text: given });

		expect(ticket).toMatchObject({ device: kept, text: kept });
		const { body } = await own.get<TicketBody>(`${ticketsPath}/${ticket.id}`);
		expect(body).toMatchObject({ device: kept, text: kept, comments: [{ text: kept }] });
		const [submitted, commented] = (await outboxOf(own)).map(({ event }) => JSON.parse(event).data);
		expect(submitted).toMatchObject({ device: kept, text: kept });
		expect(commented).toMatchObject({ text: kept });
	});

	it("line breaks and tabs in a text, whatever system wrote them; white space around it is cut", async () => {
		const ticket = await givenTicket(customer, { ...someTicket, device: "  Radio ", text: "\r\none\r\n\ttwo\n\n" });

		expect(ticket).toMatchObject({ device: "Radio", text: "one\n\ttwo" });
	});
});

describe("texts that are refused with 422, and change nothing:", () => {
	it.each([
		["NUL", "a\0b"],
		["escape", "a\u001b[2Jb"],
		["backspace", "a\bb"],
		["delete", "a\u007fb"],
		["a C1 control character", "a\u0085b"],
		["a carriage return of its own", "a\rb"],
		["the first half of a surrogate pair", "a\ud83db"],
		["the second half of a surrogate pair", "a\udc4db"],
		["nothing but white space", " \n\t\u00a0 "],
		["4,001 characters", "x".repeat(4001)],
		["what becomes 4,001 characters in NFC", `${"x".repeat(3998)}\ufb2c`],
	])("%s", async (_, text) => {
		const ticket = await givenTicket(customer);
		const before = await contentsOf(customer.database);

		for (const [path, body] of [
			[ticketsPath, { ...someTicket, text }],
			[`${ticketsPath}/${ticket.id}/comments`, { text }],
		] as const) {
			const answer = await customer.post(path, body);
			expect(answer, path).toMatchObject({ status: 422, body: { code: "invalid_field", errors: [{ field: "text" }] } });
		}
		expect(await contentsOf(customer.database)).toEqual(before);
	});

	it.each([
		["a line break", "Radio\nX-Injected: 1"],
		["a carriage return and a line break", "Radio\r\nX-Injected: 1"],
		["a tab", "Radio\tX"],
		["121 characters", "x".repeat(121)],
	])("%s in a device", async (_, device) => {
		const before = await contentsOf(customer.database);

		const answer = await customer.post(ticketsPath, { ...someTicket, device });

		expect(answer).toMatchObject({ status: 422, body: { code: "invalid_field", errors: [{ field: "device" }] } });
		expect(await contentsOf(customer.database)).toEqual(before);
	});

	it("but not 4,000 characters, each written as an escape", async () => {
		const text = "\\u00e9".repeat(4000);
		const { device, category } = someTicket;
		const body = `{"device":"${device}","category":"${category}","text":"${text}"}`;

		const answer = await customer.postText<TicketBody>(ticketsPath, body);

		expect(answer.status).toBe(202);
		expect(answer.body.text).toBe("é".repeat(4000));
	});
});
