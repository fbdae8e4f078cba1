import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { auditOf, type Expert, givenExpert, givenTicketAt, post, ticketRow, toldOf } from "../../../shared/testing/desk.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { administratorEmail, migrateSysops, serveCerts, staffEmail } from "../../../shared/testing/staff.ts";

let mary: Expert;
let joan: Expert;
beforeAll(async () => {
	serveCerts();
	await migrateSysops();
	mary = await givenExpert();
	joan = await givenExpert("Joan Example");
});

const text = "I bring a new power supply.";
const reply = (email: string, id: string, body: object = { text }, key?: string) =>
	post(email, id, "replies", body, key === undefined ? {} : { "idempotency-key": key });
const commentsOf = (id: string) => rowsOf(env.SYSOPS_DB, "select id, author, text from comments where ticket_id = ?", id);

describe("a reply", () => {
	it.each([
		["the expert", () => mary.email, "Mary Example"],
		["helpdesk", () => staffEmail, "Service team"],
		["an administrator", () => administratorEmail, "Service team"],
	])("of %s is a comment under the name that the customer reads, and is told", async (_, email, author) => {
		const id = await givenTicketAt("assigned", mary);

		const answer = await reply(email(), id);

		expect(answer).toMatchObject({ status: 201, body: { id: expect.stringMatching(/^cmt_01/), author, text } });
		expect(await commentsOf(id)).toEqual([{ id: answer.body.id, author, text }]);
		const { customer_id: subject } = (await ticketRow(id)) ?? {};
		const data = { ticketId: id, commentId: answer.body.id, repliedAt: expect.any(Number), author, text };
		expect(await toldOf(id)).toMatchObject([{ type: "TicketReplied", subject, data }]);
		const [audit] = await auditOf(answer.body.id);
		expect(audit).toMatchObject({ actor: email(), action: "ticket_replied", before: null });
		expect(JSON.parse(audit?.after ?? "")).toEqual({ ticket: id, author });
	});

	it.each(["queued", "in_progress", "resolved", "cancelled"])(
		"is possible while the ticket is %s, and moves nothing",
		async (status) => {
			const id = await givenTicketAt(status, status === "queued" ? undefined : mary);
			const before = await ticketRow(id);

			expect(await reply(staffEmail, id)).toMatchObject({ status: 201 });
			expect(await ticketRow(id)).toEqual(before);
		},
	);

	it.each(["assigned", "queued"])("of an expert to whom the %s ticket is not assigned: 403", async (status) => {
		const id = await givenTicketAt(status, status === "queued" ? undefined : mary);
		const before = await contentsOf(env.SYSOPS_DB);

		expect(await reply(joan.email, id)).toMatchObject({ status: 403, body: { code: "not_permitted" } });
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});

	it("on a ticket that does not exist: 404, and nothing is written", async () => {
		const before = await contentsOf(env.SYSOPS_DB);
		for (const id of [newId("tkt", "00"), "tkt_00"]) expect(await reply(staffEmail, id)).toMatchObject({ status: 404 });
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});

	it.each([{}, { text: " " }, { text: "x".repeat(4001) }, { text: "a\u0000" }, { text, author: "canary" }])(
		"of %j: 422",
		async (body) => {
			const answer = await reply(staffEmail, await givenTicketAt("queued"), body);
			expect(answer).toMatchObject({ status: 422, body: { code: "invalid_field" } });
			expect(answer.text).not.toContain("canary");
		},
	);
});

describe("with an Idempotency-Key", () => {
	it("a repetition, also at the same time, is the same comment and is told once", async () => {
		const id = await givenTicketAt("assigned", mary);

		const answers = await Promise.all([1, 2, 3].map(() => reply(mary.email, id, { text }, "once")));

		expect(new Set(answers.map((answer) => `${answer.status} ${answer.text}`)).size).toBe(1);
		expect(await commentsOf(id)).toHaveLength(1);
		expect(await toldOf(id)).toHaveLength(1);
		expect(await auditOf(answers[0]?.body.id ?? "")).toHaveLength(1);
	});

	it("a repetition finds the comment after the ticket has been taken away from the expert", async () => {
		const id = await givenTicketAt("assigned", mary);
		const first = await reply(mary.email, id, { text }, "taken");
		await env.SYSOPS_DB.prepare("update tickets set expert_id = ? where id = ?").bind(joan.id, id).run();

		expect(await reply(mary.email, id, { text }, "taken")).toMatchObject({ status: 201, body: first.body });
		expect(await reply(mary.email, id, { text }, "another")).toMatchObject({ status: 403 });
	});

	it("another text, another ticket, and one of another shard are refused: 422, and the first stands", async () => {
		const id = await givenTicketAt("queued");
		await reply(staffEmail, id, { text }, "used");
		const elsewhere = newId("tkt", "00");
		await env.SYSOPS_DB.prepare("update tickets set id = ? where id = ?")
			.bind(elsewhere, await givenTicketAt("queued"))
			.run();
		const other = await givenTicketAt("queued");
		const before = await contentsOf(env.SYSOPS_DB);

		for (const [ticket, words] of [
			[id, "Something else."],
			[other, text],
			[elsewhere, text],
		] as const) {
			const answer = await reply(staffEmail, ticket, { text: words }, "used");
			expect(answer).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
		}
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});

	it("somebody else's is another one, which is the same by chance", async () => {
		const id = await givenTicketAt("queued");

		const answers = await Promise.all([
			reply(staffEmail, id, { text }, "chance"),
			reply(administratorEmail, id, { text }, "chance"),
		]);

		expect(answers.map(({ status }) => status)).toEqual([201, 201]);
		expect(await commentsOf(id)).toHaveLength(2);
	});

	it("that is none: 400", async () => {
		const id = await givenTicketAt("queued");
		expect(await reply(staffEmail, id, { text }, "two words")).toMatchObject({ status: 400 });
	});
});
