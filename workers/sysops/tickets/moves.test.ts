import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import {
	auditOf,
	type Expert,
	givenExpert,
	givenTicketAt,
	post,
	ticketRow,
	toldOf,
	visitsOf,
} from "../../../shared/testing/desk.ts";
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

const moves = {
	acceptance: { from: ["assigned"], to: "accepted", action: "ticket_accepted", body: {} },
	start: { from: ["accepted"], to: "in_progress", action: "ticket_started", body: {} },
	resolution: { from: ["in_progress"], to: "resolved", action: "ticket_resolved", body: { note: "A new fuse." } },
	rejection: { from: ["assigned", "accepted"], to: "queued", action: "ticket_rejected", body: { reason: "I am ill." } },
	cancellation: { from: ["queued", "assigned", "accepted"], to: "cancelled", action: "ticket_cancelled", body: {} },
} as const;
type What = keyof typeof moves;
const all = Object.entries(moves) as [What, (typeof moves)[What]][]; // its own keys
const statuses = ["queued", "assigned", "accepted", "in_progress", "resolved", "cancelled"];

/** Who does it every day. */
const usual = (what: What) => (what === "cancellation" ? staffEmail : mary.email);
const given = (status: string, more = {}) => givenTicketAt(status, status === "queued" ? undefined : mary, more);

describe.each(all)("%s", (what, { from, to, action, body }) => {
	it.each(from)("of what is %s: status, audit and what is told stand together", async (status) => {
		const id = await given(status);
		const before = await ticketRow(id);

		const answer = await post(usual(what), id, what, body);

		expect(answer).toMatchObject({ status: 200, body: { id, status: to } });
		const row = await ticketRow(id);
		expect(row).toMatchObject({ status: to });
		expect(Number(row?.["version"])).toBeGreaterThan(Number(before?.["version"]));
		const [audit, ...others] = await auditOf(id);
		expect(others).toEqual([]);
		expect(audit).toMatchObject({ actor: usual(what), action });
		const seen = (of: typeof row) => ({ status: of?.["status"], expert: of?.["expert_id"], visit: of?.["visit_from"] });
		expect([JSON.parse(audit?.before ?? ""), JSON.parse(audit?.after ?? "")]).toEqual([seen(before), seen(row)]);
		const [told] = await toldOf(id);
		expect(told).toMatchObject({ type: "TicketStatusChanged", subject: row?.["customer_id"], version: String(row?.["version"]) });
		const expert = to === "queued" || status === "queued" ? null : { id: mary.id, name: mary.name };
		expect(told?.data).toMatchObject({ status: to === "queued" ? "received" : to, expert });
		expect(told?.data["steps"]).toMatchObject([{ status: "received" }, { status: told?.data["status"] }]);
	});

	it.each(statuses.filter((status) => !from.some((one) => one === status)))(
		"of what is %s: 409, and nothing changes",
		async (status) => {
			const id = await given(status);
			const before = await contentsOf(env.SYSOPS_DB);

			const email = status === "queued" ? administratorEmail : usual(what);
			expect(await post(email, id, what, body)).toMatchObject({ status: 409, body: { code: "wrong_status" } });
			expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
		},
	);

	it("repeated, or asked for many times at once, happens once and is answered alike", async () => {
		const id = await given(from[0]);

		const answers = await Promise.all([1, 2, 3].map(() => post(usual(what), id, what, body)));
		const later = await post(usual(what), id, what, body);

		for (const answer of [...answers, later]) expect(answer).toMatchObject({ status: 200, body: answers[0]?.body });
		expect(await auditOf(id)).toHaveLength(1);
		expect((await toldOf(id)).filter(({ type }) => type === "TicketStatusChanged")).toHaveLength(1);
	});

	it("by somebody else after it has been done is no repetition: 409", async () => {
		const id = await given(from[0]);
		await post(usual(what), id, what, body);

		expect(await post(administratorEmail, id, what, body)).toMatchObject({ status: 409, body: { code: "wrong_status" } });
	});

	it("rises over a version of the future: the clock may go back", async () => {
		const future = Date.now() + 1e9;
		const id = await given(from[0], { version: future });

		await post(usual(what), id, what, body);

		expect(await ticketRow(id)).toMatchObject({ version: future + 1 });
	});

	it("of a ticket that does not exist, or cannot: 404", async () => {
		const before = await contentsOf(env.SYSOPS_DB);
		for (const id of [newId("tkt", "00"), "tkt_00", "%27%20or%201=1"]) {
			expect(await post(administratorEmail, id, what, body)).toMatchObject({ status: 404, body: { code: "not_found" } });
		}
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});

	it("takes an administrator for anybody's ticket, and an expert only for their own", async () => {
		const id = await given(from[0]);
		const before = await contentsOf(env.SYSOPS_DB);

		expect(await post(joan.email, id, what, body)).toMatchObject({ status: 403, body: { code: "not_permitted" } });
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
		expect(await post(administratorEmail, id, what, body)).toMatchObject({ status: 200, body: { status: to } });
	});

	it.each([
		["an unknown field", { ...body, canary: 1 }],
		["a status", { ...body, status: "resolved" }],
	])("with %s: 422, and nothing of it is shown", async (_, wrong) => {
		const answer = await post(usual(what), await given(from[0]), what, wrong);
		expect(answer).toMatchObject({ status: 422, body: { code: "invalid_field" } });
		expect(answer.text).not.toContain("canary");
	});
});

it.each(["acceptance", "start", "resolution"] as const)("%s is nothing for helpdesk: 403", async (what) => {
	const id = await given(moves[what].from[0]);
	expect(await post(staffEmail, id, what, moves[what].body)).toMatchObject({ status: 403, body: { code: "not_permitted" } });
	expect(await auditOf(id)).toEqual([]);
});

it("an expert does not cancel, not even their own ticket", async () => {
	const id = await given("assigned");
	expect(await post(mary.email, id, "cancellation")).toMatchObject({ status: 403, body: { code: "not_permitted" } });
	expect(await ticketRow(id)).toMatchObject({ status: "assigned" });
});

describe("a rejection", () => {
	const rejectionsOf = (id: string) =>
		rowsOf(env.SYSOPS_DB, "select expert_id, reason, rejected_at from rejections where ticket_id = ?", id);

	it("leaves no expert and no visit, and says whose it was, also when helpdesk does it", async () => {
		const id = await given("accepted");

		await post(staffEmail, id, "rejection", { reason: "Called in sick." });

		const empty = { expert_id: null, expert_name: null, visit_from: null, visit_to: null };
		const row = await ticketRow(id);
		expect(row).toMatchObject({ ...empty, waiting_reason: null, assigned_at: expect.any(Number) });
		expect(await visitsOf(id)).toEqual([]);
		expect(await rejectionsOf(id)).toEqual([{ expert_id: mary.id, reason: "Called in sick.", rejected_at: row?.["changed_at"] }]);
	});

	it("with another reason than before is no repetition", async () => {
		const id = await given("assigned");
		await post(staffEmail, id, "rejection", { reason: "Ill." });

		expect(await post(staffEmail, id, "rejection", { reason: "Away." })).toMatchObject({ status: 409 });
		expect(await rejectionsOf(id)).toMatchObject([{ reason: "Ill." }]);
	});

	it("once it is assigned to another one says to the first that it is no longer theirs", async () => {
		const id = await given("assigned");
		await post(mary.email, id, "rejection", { reason: "Ill." });
		const assign =
			"update tickets set status = 'assigned', expert_id = ?, version = version + 1, changed_at = changed_at + 1 where id = ?";
		await env.SYSOPS_DB.prepare(assign).bind(joan.id, id).run();

		expect(await post(mary.email, id, "rejection", { reason: "Ill." })).toMatchObject({ status: 403 });
		expect(await ticketRow(id)).toMatchObject({ expert_id: joan.id });
	});

	it("of long ago is none of the newest, which another one made for the same reason", async () => {
		const id = await given("assigned");
		await post(mary.email, id, "rejection", { reason: "Ill." });
		await env.SYSOPS_DB.prepare("update audit set at = at - 5 where subject = ?").bind(id).run();
		const assign = "update tickets set status = 'assigned', expert_id = ? where id = ?";
		await env.SYSOPS_DB.prepare(assign).bind(joan.id, id).run();
		await post(joan.email, id, "rejection", { reason: "Ill." });

		expect(await post(mary.email, id, "rejection", { reason: "Ill." })).toMatchObject({ status: 403 });
		expect(await post(joan.email, id, "rejection", { reason: "Ill." })).toMatchObject({ status: 200 });
	});

	it.each(["", " ", "a\u0000b", "x".repeat(501)])("needs a reason, unlike %j", async (reason) => {
		expect(await post(mary.email, await given("assigned"), "rejection", { reason })).toMatchObject({ status: 422 });
	});
});

describe("a resolution", () => {
	it("is counted, closes the ticket with the note, keeps the visit, and is a fact about nobody", async () => {
		const id = await given("in_progress", { opened_at: 5000, rework_of: joan.id });

		const { body } = await post(mary.email, id, "resolution", { note: "A new fuse." });

		const row = await ticketRow(id);
		expect(row).toMatchObject({ resolutions: 1, closings: 1, closed_at: row?.["changed_at"], note: "A new fuse." });
		expect(body).toMatchObject({ note: "A new fuse.", resolutions: 1, closedAt: expect.any(String) });
		expect(await visitsOf(id)).toEqual([{ expert_id: mary.id }]);
		const [changed, fact, ...others] = await toldOf(id);
		expect(others).toEqual([]);
		expect(changed?.data).toMatchObject({ status: "resolved", note: "A new fuse.", resolutions: 1 });
		expect(fact).toMatchObject({ type: "TicketClosed", data: { closing: 1, outcome: "resolved", expertId: mary.id } });
		const times = { openedAt: 5000, assignedAt: row?.["assigned_at"], closedAt: row?.["closed_at"] };
		expect(fact?.data).toMatchObject({ ...times, reworkOf: joan.id });
		expect(fact).not.toHaveProperty("subject");
		expect(JSON.stringify(fact)).not.toContain("cus_");
	});

	it("tells the reports who has sent it back since it was opened, at most 50 of them", async () => {
		const rejectedBy = async (rejections: readonly { at: number; by: string }[]) => {
			const id = await given("in_progress", { opened_at: 5000 });
			const text = "insert into rejections (ticket_id, expert_id, rejected_at, reason) values (?, ?, ?, 'Ill.')";
			await env.SYSOPS_DB.batch(rejections.map(({ at, by }) => env.SYSOPS_DB.prepare(text).bind(id, by, at)));
			await post(mary.email, id, "resolution", {});
			return (await toldOf(id))[1]?.data["rejectedBy"];
		};

		const others = Array.from({ length: 51 }, () => newId("exp", "00"));
		const [before = "", then = "", later = ""] = others;
		const some = [
			{ at: 4999, by: before },
			{ at: 5000, by: then },
			{ at: 6000, by: later },
		];
		expect(await rejectedBy([{ at: 4999, by: before }])).toEqual([]);
		expect(await rejectedBy(some)).toEqual([then, later].sort());
		expect(await rejectedBy(others.map((by) => ({ at: 6000, by })))).toHaveLength(50);
	});

	it.each([{}, { note: null }])("needs no note: %j", async (body) => {
		expect((await post(mary.email, await given("in_progress"), "resolution", body)).body).toMatchObject({ note: null });
	});

	it("with another note than before is no repetition", async () => {
		const id = await given("in_progress");
		await post(mary.email, id, "resolution", { note: "A fuse." });

		expect(await post(mary.email, id, "resolution", { note: "Two." })).toMatchObject({ status: 409 });
	});

	it("takes a note of 500 characters and no longer one", async () => {
		const id = await given("in_progress");
		expect(await post(mary.email, id, "resolution", { note: "x".repeat(501) })).toMatchObject({ status: 422 });
		expect(await post(mary.email, id, "resolution", { note: "é".repeat(500) })).toMatchObject({ status: 200 });
	});
});

it("a cancellation on the phone frees the expert and is a fact", async () => {
	const id = await given("accepted");

	await post(staffEmail, id, "cancellation");

	expect(await visitsOf(id)).toEqual([]);
	const row = await ticketRow(id);
	const times = { closed_at: row?.["changed_at"], cancellation_requested_at: row?.["changed_at"] };
	expect(row).toMatchObject({ ...times, closings: 1, resolutions: 0 });
	expect((await toldOf(id)).map(({ type }) => type)).toEqual(["TicketStatusChanged", "TicketClosed"]);
});

it("two who decide differently at once: one of them is told that it is too late", async () => {
	const id = await given("assigned");

	const answers = await Promise.all([post(mary.email, id, "acceptance"), post(staffEmail, id, "cancellation")]);

	const { status } = (await ticketRow(id)) ?? {};
	expect(["accepted", "cancelled"]).toContain(status);
	// a cancellation may follow upon the acceptance, never the other way round
	expect(answers[1]).toMatchObject({ status: 200 });
	expect(await auditOf(id)).toHaveLength(answers.filter((answer) => answer.status === 200).length);
});

it("of many steps the newest are told", async () => {
	const steps = JSON.stringify(Array.from({ length: 60 }, (_, at) => ({ status: "received", at })));
	const id = await given("assigned", { steps });

	const { body } = await post(mary.email, id, "acceptance");

	expect(body["steps"]).toHaveLength(60);
	expect(body["steps"]).toMatchObject({ 0: { at: "1970-01-01T00:00:00.001Z" }, 59: { status: "accepted" } });
});
