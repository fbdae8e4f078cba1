import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { fill, fillTickets } from "../../../shared/testing/backlog.ts";
import { CostSheet, type Costs } from "../../../shared/testing/counting.ts";
import { type Expert, givenExpert, givenTicketAt } from "../../../shared/testing/desk.ts";
import { newId, someCustomer, someTicket } from "../../../shared/testing/fixtures.ts";
import { accessToken, migrateSysops, serveCerts } from "../../../shared/testing/staff.ts";
import worker from "../index.ts";
import { ticketRoutes } from "./routes.ts";

const sheet = new CostSheet<Cloudflare.Env>(env);
const customerId = newId("cus", "00");
const statuses = ["queued", "assigned", "accepted", "in_progress", "resolved", "cancelled"];
let mary: Expert;

/** 100,000 tickets that every search finds thousands of, and the one on which everything is done. */
beforeAll(async () => {
	serveCerts();
	await migrateSysops();
	mary = await givenExpert();
	const inHand = "i % 6 in (1, 2, 3)";
	await fillTickets(env.SYSOPS_DB, customerId, 100_000, {
		status: `case i % 6 ${statuses.map((status, at) => `when ${at} then '${status}'`).join(" ")} end`,
		...{ submitted_at: "i", opened_at: "i", received_at: "i", customer: `'${JSON.stringify(someCustomer)}'` },
		...{ customer_name: "'ada example'", customer_phone: "'442079460000'", region: "'south'" },
		waiting_reason: "iif(i % 6 = 0, 'no_time', null)",
		...{
			expert_id: `iif(${inHand}, '${mary.id}', null)`,
			visit_from: `iif(${inHand}, i, null)`,
			visit_to: `iif(${inHand}, i, null)`,
		},
		closed_at: `iif(i % 6 > 3, ${Date.now()} - i, null)`,
	});
	const [id, ticket_id] = ["printf('cmt_00%026d', i)", "printf('tkt_00%026d', i)"];
	await fill(env.SYSOPS_DB, "comments", 100_000, { id, ticket_id, commented_at: "i", text: "'Hello?'" });
	await ask("GET", "/api/v1/tickets?expert=me")(env, createExecutionContext());
}, 60_000);

function ask(method: string, path: string, body?: object, email = mary.email) {
	return async (counted: Cloudflare.Env, execution: ExecutionContext) => {
		const headers = { "cf-access-jwt-assertion": await accessToken({ email }), "content-type": "application/json" };
		const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
		const response = await worker.fetch(new Request(`https://sysops.test${path}`, init), counted, execution);
		expect(response.status, `${method} ${path} ${await response.clone().text()}`).toBeLessThan(400); // what is refused costs too little
	};
}

const helpdesk = "helpdesk@squad.example";
const call = { customerId, ...someTicket, customer: { ...someCustomer, region: "south" } };

/** Every change once; by the expert in a status of their ticket, or by helpdesk. */
const changes: readonly { path: string; body: object; status?: string; email?: string }[] = [
	{ path: "/", body: call, email: helpdesk },
	{ path: "/:id/acceptance", body: {}, status: "assigned" },
	{ path: "/:id/rejection", body: { reason: "Ill." }, status: "accepted" },
	{ path: "/:id/start", body: {}, status: "accepted" },
	{ path: "/:id/resolution", body: { note: "A fuse." }, status: "in_progress" },
	{ path: "/:id/cancellation", body: {}, status: "accepted", email: helpdesk },
	{ path: "/:id/replies", body: { text: "Hello!" }, status: "assigned" },
];

const searches = [
	"status=resolved",
	"customer",
	"phone=442079460000",
	"name=ada",
	"expert=me",
	"waiting=",
	"waiting=no_time",
	"overdue=true",
];

describe("the tickets of the staff, of 100,000", () => {
	it.each(changes)("POST $path is one D1 batch after the look for the role", async ({ path, body, status, email }) => {
		const id = status === undefined ? "" : await givenTicketAt(status, mary);
		const whole = `/api/v1/tickets${path === "/" ? "" : path.replace(":id", id)}`;
		const line = `POST tickets${path === "/" ? "" : path.replace(":id", "{id}")}`;

		const costs = await sheet.line(line, ask("POST", whole, body, email));

		expect(costs).toMatchObject({ d1Calls: 2, otherCalls: 0 });
		expect(costs.sends).toBe(costs.messages);
		expect(costs.rowsRead).toBeLessThan(40);
		if (path.endsWith("/acceptance")) {
			const again = await sheet.line(`${line}, repeated`, ask("POST", whole, body, email));
			expect(again).toMatchObject({ d1Calls: 2, rowsWritten: 0, messages: 0 });
		}
	});

	/** The role, the page and the one too many; `me` is looked for, and a cursor of names names a ticket. */
	const expectOnePage = ({ d1Calls, rowsRead, otherCalls }: Costs) => {
		expect({ d1Calls, otherCalls }).toEqual({ d1Calls: 2, otherCalls: 0 });
		expect(rowsRead).toBeGreaterThanOrEqual(21);
		expect(rowsRead).toBeLessThanOrEqual(1 + 21 + 2);
	};

	it.each(searches)("GET tickets?%s reads one page, wherever it begins", async (search) => {
		const path = `/api/v1/tickets?${search === "customer" ? `customer=${customerId}` : search}`;
		const cursor = btoa(JSON.stringify([50_000, `tkt_00${"0".repeat(21)}50000`])).replaceAll("=", "");

		const read = (whole: string) => ask("GET", whole, undefined, search === "expert=me" ? mary.email : helpdesk);
		expectOnePage(await sheet.line(`GET tickets?${search}`, read(path)));
		expectOnePage(await sheet.line(`GET tickets?${search}, by cursor`, read(`${path}&cursor=${cursor}`)));
	});

	it("GET tickets/{id} reads it, its comments, its rejections, and whose it is", async () => {
		const costs = await sheet.line("GET tickets/{id}", ask("GET", `/api/v1/tickets/tkt_00${"0".repeat(25)}1`));

		expect(costs).toMatchObject({ d1Calls: 2, rowsWritten: 0 });
		expect(costs.rowsRead).toBeLessThan(10);
	});
});

it("no route is left out", () => {
	const routes = ticketRoutes.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`);

	expect([...changes.map(({ path }) => `POST ${path}`), "GET /", "GET /:id"].sort()).toEqual([...new Set(routes)].sort());
});

it("costs what test/costs/sysops-tickets.md says; if the change is meant: npm run costs -- --update", async () => {
	await expect(sheet.table("sysops")).toMatchFileSnapshot("../../../test/costs/sysops-tickets.md");
});
