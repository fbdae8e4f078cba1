import { createExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { type DeskTicket, givenExpert, givenTicketAt, ticketRow } from "../../../shared/testing/desk.ts";
import { newId, someCustomer, someTicket } from "../../../shared/testing/fixtures.ts";
import { batchOf, cancellationRequested, ticketCommented, ticketSubmitted } from "../../../shared/testing/messages.ts";
import { accessToken, migrateSysops, serveCerts, staffEmail } from "../../../shared/testing/staff.ts";
import worker from "../index.ts";

const [ada, ben] = [newId("cus", "00"), newId("cus", "01")];
const ids = Array.from({ length: 7 }, (_, i) => newId("tkt", i % 2 === 0 ? "00" : "01"));
const owner = (id: string | undefined) => (id?.startsWith("tkt_00") ? ada : ben);

/** Seven tickets: the fourth and fifth of one moment, the sixth cancelled, the first with comments. Last sent come first. */
beforeAll(async () => {
	serveCerts();
	await migrateSysops();
	const times = [1000, 2000, 3000, 4000, 4000, 5000, 6000];
	const submitted = await Promise.all(ids.map((id, i) => ticketSubmitted(owner(id), id, times[i])));
	const [first = "", sixth = ""] = [ids[0], ids[5]];
	const others = [
		await ticketCommented(ada, first, "second", 8000),
		await ticketCommented(ada, first, "first", 7000),
		await cancellationRequested(owner(sixth), sixth, 9000),
	];
	const batch = batchOf("tickets", [...submitted.reverse(), ...others]);
	await worker.queue(batch, env, createExecutionContext());
});

interface Ticket {
	id: string;
	status: string;
}
interface Page {
	items: Ticket[];
	next: string | null;
}

async function get<Body>(path: string): Promise<{ status: number; body: Body }> {
	const headers = { "cf-access-jwt-assertion": await accessToken() };
	const response = await exports.default.fetch(new Request(`https://sysops.test/api/v1/tickets${path}`, { headers }));
	return { status: response.status, body: await response.json<Body>() };
}

const waiting = () => [...ids.slice(0, 3), ...ids.slice(3, 5).sort(), ids[6]];

describe("GET tickets of the staff", () => {
	it("lists what is waiting, the oldest first, page by page, each once", async () => {
		const pages: Page[] = [];
		for (let next: string | null = ""; next !== null && pages.length < 9; next = pages.at(-1)?.next ?? null) {
			pages.push((await get<Page>(`?limit=4&cursor=${next}`)).body);
		}

		expect(pages.map(({ items }) => items.length)).toEqual([4, 2]);
		expect(pages.flatMap(({ items }) => items.map(({ id }) => id))).toEqual(waiting());
		expect((await get<Page>("")).body.items.map(({ id }) => id)).toEqual(waiting());
	});

	it("lists what is cancelled when asked for it", async () => {
		const { body } = await get<Page>("?status=cancelled");

		expect(body).toMatchObject({
			items: [{ id: ids[5], status: "cancelled", cancellationRequestedAt: "1970-01-01T00:00:09.000Z" }],
			next: null,
		});
	});

	it.each(["status=done", "limit=0", "cursor=none"])("answers 422 for %s", async (query) => {
		const field = query.split("=")[0];

		expect(await get(`?${query}`)).toMatchObject({ status: 422, body: { code: "invalid_field", errors: [{ field }] } });
	});
});

describe("GET tickets/{id} of the staff", () => {
	it("shows the ticket, where the expert goes, and the comments in the order of time", async () => {
		const { status, body } = await get(`/${ids[0]}`);

		expect(status).toBe(200);
		expect(body).toEqual({
			...someTicket,
			id: ids[0],
			customerId: ada,
			status: "queued",
			submittedAt: "1970-01-01T00:00:01.000Z",
			receivedAt: expect.stringMatching(/^20\d\d-.*Z$/),
			cancellationRequestedAt: null,
			customer: someCustomer,
			region: someCustomer.region,
			availability: ["morning", "evening"],
			openedAt: "1970-01-01T00:00:01.000Z",
			openedBy: null,
			waitingReason: null,
			expert: null,
			visit: null,
			assignedAt: null,
			note: null,
			resolutions: 0,
			closedAt: null,
			steps: [{ status: "received", at: expect.stringMatching(/^20\d\d-.*Z$/) }],
			rejections: [],
			comments: [
				{ id: expect.stringMatching(/^cmt_/), commentedAt: "1970-01-01T00:00:07.000Z", author: null, text: "first" },
				{ id: expect.stringMatching(/^cmt_/), commentedAt: "1970-01-01T00:00:08.000Z", author: null, text: "second" },
			],
		});
	});

	it("shows who comes when, who has sent it back and why, and what the staff wrote", async () => {
		const expert = await givenExpert();
		const id = await givenTicketAt("assigned", expert, { opened_by: staffEmail });
		const gone = newId("exp", "00");
		await env.SYSOPS_DB.prepare("insert into rejections values (?1, ?2, 1000, 'Ill'), (?1, ?3, 2000, 'Away')")
			.bind(id, gone, expert.id)
			.run();
		await env.SYSOPS_DB.prepare("insert into comments values (?, ?, 3000, 'Soon', 'Service team')")
			.bind(newId("cmt", "01"), id)
			.run();

		const { body } = await get<DeskTicket>(`/${id}`);

		const row = (await ticketRow(id)) ?? {};
		const instant = (column: string) => new Date(Number(row[column])).toISOString();
		expect(body).toMatchObject({
			openedBy: staffEmail,
			expert: { id: expert.id, name: expert.name },
			visit: { from: instant("visit_from"), to: instant("visit_to") },
			assignedAt: instant("assigned_at"),
			rejections: [
				{ expert: { id: gone, name: null }, rejectedAt: "1970-01-01T00:00:01.000Z", reason: "Ill" },
				{ expert: { id: expert.id, name: expert.name }, rejectedAt: "1970-01-01T00:00:02.000Z", reason: "Away" },
			],
			comments: [{ author: "Service team", text: "Soon" }],
		});
	});

	it.each(["tkt_00", "%00", "%27%20or%201=1"])("answers 404 for %s", async (id) => {
		expect(await get(`/${id}`)).toMatchObject({ status: 404, body: { code: "not_found" } });
	});
});
