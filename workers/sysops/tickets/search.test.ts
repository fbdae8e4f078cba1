import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { askStaff } from "../../../shared/testing/contracts.ts";
import { type DeskTicket, deskPath, type Expert, givenExpert, givenTicketAt } from "../../../shared/testing/desk.ts";
import { newId, someCustomer } from "../../../shared/testing/fixtures.ts";
import { batchOf, ticketSubmitted } from "../../../shared/testing/messages.ts";
import { migrateSysops, serveCerts, staffEmail } from "../../../shared/testing/staff.ts";
import { days, hours } from "../../../shared/time.ts";
import worker from "../index.ts";

let mary: Expert;
let joan: Expert;
beforeAll(async () => {
	serveCerts();
	await migrateSysops();
	mary = await givenExpert();
	joan = await givenExpert("Joan Example");
});

interface Found {
	readonly items: DeskTicket[];
	readonly next: string | null;
	readonly code?: string;
}
const ask = (query: Record<string, string>, email = staffEmail) =>
	askStaff<Found>("GET", `${deskPath}?${new URLSearchParams(query)}`, { email });

/** All pages of two; of a list that does not end, the first. */
async function find(query: Record<string, string>, email = staffEmail): Promise<string[]> {
	const found: string[] = [];
	for (let cursor: string | null = ""; cursor !== null && found.length < 50; ) {
		const { status, body } = await ask({ ...query, limit: "2", cursor }, email);
		expect(status).toBe(200);
		expect(body.items.length).toBeLessThanOrEqual(2);
		found.push(...body.items.map(({ id }) => id));
		cursor = body.next;
	}
	return found;
}

/** A ticket as it comes from the customer. */
async function submitted(more: Partial<Record<keyof typeof someCustomer, string>>, at = 1000): Promise<string> {
	const id = newId("tkt", "00");
	const message = await ticketSubmitted(newId("cus", "00"), id, at, { ...someCustomer, ...more });
	await worker.queue(batchOf("tickets", [message]), env, createExecutionContext());
	return id;
}

describe("by name", () => {
	it("finds by the beginning, whatever the case, in the order of names, and of one name the oldest first", async () => {
		const zoe = await submitted({ name: "Zoe Quill" });
		const [later, earlier] = [await submitted({ name: "ZOE QUAIL" }, 3000), await submitted({ name: "zoe quail" }, 2000)];
		const same = [await submitted({ name: "Zoe Quail" }, 4000), await submitted({ name: "Zoe Quail" }, 4000)].sort();
		await submitted({ name: "Zo Quail" });

		expect(await find({ name: "zOE q" })).toEqual([earlier, later, ...same, zoe]);
		expect(await find({ name: "Zoe Quill" })).toEqual([zoe]);
		expect(await find({ name: "Quill" })).toEqual([]);
	});

	it.each([
		["ÉMILE ÇA", "émile ça"],
		["Łucja Żak", "łUCJA ŻAK"],
		["Ælfric ÿ", "æLFRIC Ÿ"],
		["Ñandú", "ñANDÚ"],
		["Cafe\u0301 Owner", "CAF\u00c9"],
	])("folds the Latin letters of Europe: %s is found by %s", async (name, typed) => {
		const id = await submitted({ name: name.normalize("NFC") });
		expect(await find({ name: typed })).toEqual([id]);
	});

	it("keeps accents apart, and finds other scripts as they are written", async () => {
		const [accent, greek] = [await submitted({ name: "Óscar" }), await submitted({ name: "Ωmega" })];
		expect(await find({ name: "oscar" })).toEqual([]);
		expect([await find({ name: "ós" }), await find({ name: "Ω" }), await find({ name: "ω" })]).toEqual([[accent], [greek], []]);
	});

	it.each(["%", "_", "' or 1=1 --", "*"])("%s is a text like any other", async (name) => {
		expect(await find({ name })).toEqual([]);
	});

	it("goes on after a ticket that has been pruned in between, rather begins again than leaves one out", async () => {
		const ids = [await submitted({ name: "Una A" }), await submitted({ name: "Una B" }), await submitted({ name: "Una C" })];
		const { body } = await ask({ name: "una", limit: "2" });
		await env.SYSOPS_DB.prepare("delete from tickets where id = ?")
			.bind(ids[1] ?? "")
			.run();

		const rest = await ask({ name: "una", limit: "2", cursor: body.next ?? "" });

		expect(rest.body.items.map(({ id }) => id)).toContain(ids[2]);
	});
});

describe("by phone", () => {
	it.each(["+44 (20) 7946-0123", "442079460123", "0044 20 7946 0123", "+44/20/7946.0123"])(
		"finds %s, the newest first",
		async (typed) => {
			await env.SYSOPS_DB.exec("delete from tickets where customer_phone = '442079460123'");
			const older = await submitted({ phone: "+44 20 79 46 01 23" }, 1000);
			const newer = await submitted({ phone: "+44 (20) 7946-0123" }, 2000);
			await submitted({ phone: "+44 20 7946 01234" });

			expect(await find({ phone: typed })).toEqual([newer, older]);
		},
	);
});

it("by customer finds all of theirs, the newest first, and nobody else's", async () => {
	const customer_id = newId("cus", "01");
	const ids: string[] = [];
	for (const status of ["resolved", "cancelled", "assigned"]) {
		const at = 1000 * (ids.length + 1);
		ids.push(await givenTicketAt(status, mary, { customer_id, submitted_at: at, visit_from: at, visit_to: at }));
		await env.SYSOPS_DB.exec("delete from visits");
	}
	await givenTicketAt("queued");

	expect(await find({ customer: customer_id })).toEqual(ids.toReversed());
});

describe("of one moment each is found once, page by page:", () => {
	/** Five: two pages end among them. */
	const five = async (make: (i: number) => Promise<string>) => {
		const ids: string[] = [];
		for (let i = 0; i < 5; i++) ids.push(await make(i));
		return ids.sort();
	};

	it("by phone and by customer in the order opposite to that of ids", async () => {
		const customer_id = newId("cus", "01");
		const same = { customer_id, customer_phone: "4930123456", submitted_at: 7000 };
		const ids = await five(() => givenTicketAt("queued", undefined, same));

		expect(await find({ phone: "4930123456" })).toEqual(ids.toReversed());
		expect(await find({ customer: customer_id })).toEqual(ids.toReversed());
	});

	it("by name, expert, reason and what is overdue in that of ids", async () => {
		await env.SYSOPS_DB.exec("delete from tickets");
		const ann = await givenExpert("Ann Example");
		const same = { expert_id: ann.id, visit_from: 7000, visit_to: 7000, customer_name: "ann q", submitted_at: 7000 };
		const more = { waiting_reason: "no_skill", opened_at: 7000 };
		const ids = await five((i) => givenTicketAt(i % 2 ? "accepted" : "in_progress", undefined, { ...same, ...more }));

		for (const query of [{ name: "ann" }, { expert: ann.id }, { waiting: "" }, { waiting: "no_skill" }, { overdue: "true" }]) {
			expect(await find(query), JSON.stringify(query)).toEqual(ids);
		}
	});
});

describe("by expert", () => {
	const withVisit = async (status: string, expert: Expert, from: number) => {
		await env.SYSOPS_DB.exec("delete from visits");
		return givenTicketAt(status, expert, { visit_from: from, visit_to: from + hours });
	};

	it("finds what they have in hand, the next visit first; `me` is who asks", async () => {
		const ira = await givenExpert("Ira Example");
		const [third, first, second] = [
			await withVisit("assigned", ira, 3000),
			await withVisit("in_progress", ira, 1000),
			await withVisit("accepted", ira, 2000),
		];
		for (const status of ["resolved", "cancelled"]) await withVisit(status, ira, 1);
		await withVisit("assigned", joan, 1500);

		expect(await find({ expert: ira.id })).toEqual([first, second, third]);
		expect(await find({ expert: "me" }, ira.email)).toEqual([first, second, third]);
	});

	it("an expert finds what is theirs and nothing else, and reads no other ticket", async () => {
		const [own, other] = [await withVisit("accepted", mary, 5000), await withVisit("accepted", joan, 6000)];
		const read = (id: string) => askStaff("GET", `${deskPath}/${id}`, { email: mary.email });

		const searches = [{}, { status: "queued" }, { expert: joan.id }, { expert: mary.id }, { name: "ada" }, { phone: "5550100" }];
		for (const query of [...searches, { customer: newId("cus", "00") }, { waiting: "" }, { overdue: "true" }]) {
			expect([query, await ask(query, mary.email)]).toMatchObject([query, { status: 403, body: { code: "not_permitted" } }]);
		}
		expect(await read(other)).toMatchObject({ status: 403, body: { code: "not_permitted" } });
		expect(await read(own)).toMatchObject({ status: 200, body: { id: own } });
		expect(await find({ expert: "me" }, mary.email)).toContain(own);
	});

	it("`me` is nobody for helpdesk", async () => {
		expect(await find({ expert: "me" })).toEqual([]);
	});
});

it("what nobody can take is found with the reason and since when, also by the reason", async () => {
	await env.SYSOPS_DB.exec("delete from tickets");
	const stuck = (waiting_reason: string, opened_at: number) => givenTicketAt("queued", undefined, { waiting_reason, opened_at });
	const [late, early] = [await stuck("no_skill", 9000), await stuck("no_skill", 1000)];
	const full = await stuck("no_time", 5000);
	await givenTicketAt("queued");

	for (const waiting of ["", "true"]) expect(await find({ waiting })).toEqual([early, full, late]);
	expect(await find({ waiting: "no_skill" })).toEqual([early, late]);
	expect(await find({ waiting: "unknown" })).toEqual([]);
	const { body } = await ask({ waiting: "no_time" });
	expect(body.items).toMatchObject([{ waitingReason: "no_time", openedAt: "1970-01-01T00:00:05.000Z" }]);
});

it("what should have ended a day ago is overdue, the longest first", async () => {
	await env.SYSOPS_DB.exec("delete from tickets");
	const ended = async (status: string, ago: number) => {
		await env.SYSOPS_DB.exec("delete from visits");
		return givenTicketAt(status, mary, { visit_from: Date.now() - ago - hours, visit_to: Date.now() - ago });
	};
	const [day, week] = [await ended("accepted", days + 60_000), await ended("in_progress", 7 * days)];
	await ended("accepted", days - 60_000);
	for (const status of ["assigned", "resolved", "cancelled"]) await ended(status, 7 * days);

	expect(await find({ overdue: "true" })).toEqual([week, day]);
});

it.each(["queued", "assigned", "accepted", "in_progress", "resolved", "cancelled"])("%s tickets are a list", async (status) => {
	const id = await givenTicketAt(status, undefined, { submitted_at: 1 });
	await env.SYSOPS_DB.prepare("delete from tickets where id <> ?").bind(id).run();

	expect(await find({ status })).toEqual([id]);
	expect(await find({ status: status === "queued" ? "assigned" : "queued" })).toEqual([]);
});

describe("a search that is none: 422", () => {
	it.each([
		["customer", "cus_00"],
		["customer", ""],
		["phone", "call me"],
		["phone", "1"],
		["phone", "1".repeat(161)],
		["name", " "],
		["name", "x".repeat(501)],
		["name", "a\nb"],
		["expert", "exp_00"],
		["expert", "you"],
		["waiting", "' or 1=1"],
		["overdue", "false"],
		["status", "done"],
	])("%s=%j", async (field, value) => {
		const answer = await ask({ [field]: value });
		expect(answer).toMatchObject({ status: 422, body: { code: "invalid_field", errors: [{ field }] } });
	});

	it("two at once", async () => {
		const answer = await ask({ name: "Ada", overdue: "true" });
		expect(answer).toMatchObject({ status: 422, body: { code: "invalid_field" } });
		expect(answer.text).toContain("one of status, customer, phone, name, expert, waiting, overdue");
	});
});
