import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { digestOf } from "../../shared/contracts/checksum.ts";
import { fill, fillInbox, fillTickets } from "../../shared/testing/backlog.ts";
import { contractsPath, someTerms } from "../../shared/testing/contracts.ts";
import { CostSheet, costsOf } from "../../shared/testing/counting.ts";
import { newId, someCustomer } from "../../shared/testing/fixtures.ts";
import {
	batchOf,
	cancellationRequested,
	neighbour,
	reopenRequested,
	ticketCommented,
	ticketSubmitted,
} from "../../shared/testing/messages.ts";
import { accessToken, administratorEmail, migrateSysops, serveCerts } from "../../shared/testing/staff.ts";
import { sysopsCtx } from "./context.ts";
import { readFeed } from "./contracts/read-feed.ts";
import worker from "./index.ts";

const sheet = new CostSheet<Cloudflare.Env>(env);
const customers = [newId("cus", "00"), newId("cus", "01")];
const owner = (i: number) => customers[i % 2] ?? "";
const tickets = Array.from({ length: 160 }, (_, i) => newId("tkt", i % 2 === 0 ? "00" : "01"));

beforeAll(async () => {
	await migrateSysops();
	await fillInbox(env.SYSOPS_DB, "customer", 100_000);
	await queueTickets(100_000);
	serveCerts();
	await worker.fetch(await staffRequest("/api/v1/tickets"), env, { waitUntil() {}, passThroughOnException() {}, props: {} });
});

/** Tickets in work, submitted in the milliseconds after 1970 began, each with a comment. */
async function queueTickets(count: number): Promise<void> {
	const customer = `'${JSON.stringify(someCustomer)}'`;
	const own = { status: "'queued'", submitted_at: "i", received_at: "i", customer };
	await fillTickets(env.SYSOPS_DB, owner(0), count, own);
	const [id, ticket_id] = ["printf('cmt_00%026d', i)", "printf('tkt_00%026d', i)"];
	await fill(env.SYSOPS_DB, "comments", count, { id, ticket_id, commented_at: "i", text: "'Hello?'" });
}

const staffRequest = async (path: string) =>
	new Request(`https://sysops.test${path}`, { headers: { "cf-access-jwt-assertion": await accessToken() } });

async function get(path: string): Promise<Parameters<typeof sheet.line>[1]> {
	const request = await staffRequest(path);
	return async (counted, execution) => {
		expect((await worker.fetch(request, counted, execution)).status).toBeLessThan(500);
	};
}

const queue = (messages: string[]) => (counted: Cloudflare.Env, execution: ExecutionContext) =>
	worker.queue(batchOf("tickets", messages), counted, execution);

describe("a queue batch of 100 messages is one D1 batch and one send of receipts", () => {
	let submitted: string[];
	beforeAll(async () => {
		submitted = await Promise.all(tickets.slice(0, 100).map((id, i) => ticketSubmitted(owner(i), id)));
	});

	it("of tickets of two shards", async () => {
		const costs = await sheet.line("100 tickets", queue(submitted));

		expect(costs).toMatchObject({ d1Calls: 1, sends: 1, messages: 1, otherCalls: 0 });
		const stored = await env.SYSOPS_DB.prepare("select count(*) as tickets from tickets where submitted_at > 100000").first();
		expect(stored).toEqual({ tickets: 100 });
	});

	it("of the same tickets again: nothing is written", async () => {
		const costs = await sheet.line("100 tickets, repeated", queue(submitted));

		expect(costs).toMatchObject({ d1Calls: 1, sends: 1, messages: 1, rowsWritten: 0 });
	});

	it("of 60 tickets, 30 comments, 10 cancellation requests", async () => {
		const messages = await Promise.all([
			...tickets.slice(100).map((id, i) => ticketSubmitted(owner(i), id)),
			...tickets.slice(0, 30).map((id, i) => ticketCommented(owner(i), id, "Hello?")),
			...tickets.slice(0, 10).map((id, i) => cancellationRequested(owner(i), id)),
		]);

		const costs = await sheet.line("100 of all kinds", queue(messages));

		expect(messages).toHaveLength(100);
		// the receipts, and of each cancellation what the customer and the reports are told
		expect(costs).toMatchObject({ d1Calls: 1, sends: 3, messages: 1 + 10 + 10, otherCalls: 0 });
		expect(costs.rowsRead).toBeLessThan(2000);
	});

	it("of 100 wishes to reopen", async () => {
		const [ids, subject] = [tickets.slice(10, 110), owner(0)];
		const resolve =
			"update tickets set status = 'resolved', resolutions = 1, closed_at = ?1, customer_id = ?2 where submitted_at > 100000";
		await env.SYSOPS_DB.prepare(resolve).bind(Date.now(), subject).run();
		const wishes = await Promise.all(ids.map((id) => reopenRequested(subject, id)));

		const costs = await sheet.line("100 wishes to reopen", queue(wishes));

		expect(costs).toMatchObject({ d1Calls: 1, sends: 2, messages: 1 + 100, otherCalls: 0 });
		expect(costs.rowsRead).toBeLessThan(5000);
	});

	it("of comments that overtook their ticket: nothing is written and nothing confirmed", async () => {
		const early = await Promise.all(tickets.slice(0, 100).map((_, i) => ticketCommented(owner(i), newId("tkt", "00"), "Hello?")));

		const costs = await sheet.line("100 comments, too early", queue(early));

		expect(costs).toMatchObject({ d1Calls: 1, sends: 0, rowsWritten: 0 });
	});
});

describe("the catalogue", () => {
	const ask = async (method: string, path: string, body: object) => {
		const headers = {
			"cf-access-jwt-assertion": await accessToken({ email: administratorEmail }),
			"content-type": "application/json",
		};
		const request = new Request(`https://sysops.test${contractsPath}${path}`, { method, headers, body: JSON.stringify(body) });
		return async (counted: Cloudflare.Env, execution: ExecutionContext) => {
			expect((await worker.fetch(request, counted, execution)).status).toBeLessThan(300);
		};
	};

	const lostVersion = { contractId: newId("ctr", "00"), version: 7, withdrawn: false };

	beforeAll(async () => {
		await fill(env.SYSOPS_DB, "contract_versions", 1000, {
			seq: "i",
			contract_id: "printf('ctr_00%026d', i)",
			version: 1,
			withdrawn: 0,
			terms: `'${JSON.stringify(someTerms)}'`,
			digest: "i",
			created_at: 1,
		});
	});

	it("costs a change one batch after the look for the role, and never more for a longer catalogue", async () => {
		const id = `ctr_00${"0".repeat(25)}1`;
		const create = await sheet.line("POST contracts", await ask("POST", "", someTerms));
		const change = await sheet.line("PUT contracts/{id}", await ask("PUT", `/${id}`, { basedOn: 1, terms: someTerms }));
		const last = await sheet.line("POST contracts/{id}/withdrawal", await ask("POST", `/${id}/withdrawal`, {}));
		const again = await sheet.line("POST contracts/{id}/withdrawal, repeated", await ask("POST", `/${id}/withdrawal`, {}));
		const lost = { terms: someTerms, digest: await digestOf(neighbour("sysops"), { ...lostVersion, terms: someTerms }) };
		const { contractId, version } = lostVersion;
		const path = `/${contractId}/versions/${version}`;
		const restored = await sheet.line("PUT contracts/{id}/versions/{version}", await ask("PUT", path, lost));
		const list = await sheet.line("GET contracts", await get(contractsPath));
		const item = await sheet.line("GET contracts/{id}", await get(`${contractsPath}/${id}`));

		expect([create, change, last, again, restored, list, item].map(({ d1Calls }) => d1Calls)).toEqual([2, 2, 3, 2, 2, 2, 2]);
		for (const { rowsRead, rowsWritten, otherCalls } of [create, change, last, restored, list, item]) {
			expect(rowsRead).toBeLessThan(60);
			expect(rowsWritten).toBeLessThanOrEqual(5);
			expect(otherCalls).toBe(0);
		}
	});

	it("costs a page of the feed one batch, which reads the catalogue up to its end", async () => {
		const page = (after: number) => (counted: Cloudflare.Env, execution: ExecutionContext) =>
			readFeed({ ctx: sysopsCtx(counted, execution), input: { after } });

		const first = await sheet.line("the feed of 1,000 contracts, first page", page(0));
		const none = await sheet.line("the feed of 1,000 contracts, nothing new", page(1004));

		expect([first, none]).toMatchObject([
			{ d1Calls: 1, rowsWritten: 0 },
			{ d1Calls: 1, rowsWritten: 0 },
		]);
	});
});

it("a call of another Worker or host would be counted", async () => {
	const costs = await costsOf({ PEER: { ask: async () => "answer" } }, async ({ PEER }) => {
		await PEER.ask();
		await fetch("https://elsewhere.test").catch(() => undefined);
	});

	expect(costs).toMatchObject({ otherCalls: 2, d1Calls: 0 });
});

it("a call of the database that fails is counted too", async () => {
	const costs = await costsOf(env, async (counted) => {
		await counted.SYSOPS_DB.prepare("select nothing from nowhere")
			.all()
			.catch(() => undefined);
		await counted.SYSOPS_DB.batch([counted.SYSOPS_DB.prepare("select 1"), counted.SYSOPS_DB.prepare("select nothing")]).catch(
			() => undefined,
		);
	});

	expect(costs).toMatchObject({ d1Calls: 2, statements: 3 });
});

describe("without anything to do", () => {
	const cron = (expression: string) => (counted: Cloudflare.Env, execution: ExecutionContext) =>
		worker.scheduled(createScheduledController({ cron: expression }), counted, execution);

	it("the Cron Triggers write only that they ran", async () => {
		await env.SYSOPS_DB.exec("delete from outbox");
		await env.SYSOPS_DB.prepare("update tickets set status = 'cancelled'").run(); // what waits costs: see assignment/costs.test.ts
		const minutely = await sheet.line("Cron of every minute, nothing due", cron("* * * * *"));
		const hourly = await sheet.line("Cron of every hour, nothing to prune", cron("17 * * * *"));
		await sheet.line("GET healthz", await get("/healthz"));

		expect(minutely).toMatchObject({ d1Calls: 7, sends: 0, rowsWritten: 1 });
		expect(hourly).toMatchObject({ sends: 0, rowsWritten: 1 });
	});
});

it("the hourly Cron Trigger prunes 250 tickets with their comments in one D1 batch, and looks for more", async () => {
	await env.SYSOPS_DB.exec("update tickets set status = 'resolved', closed_at = submitted_at where submitted_at <= 250");

	const costs = await sheet.line("Cron of every hour, 250 tickets to prune", (counted, execution) =>
		worker.scheduled(createScheduledController({ cron: "17 * * * *" }), counted, execution),
	);

	const left = await env.SYSOPS_DB.prepare("select min(submitted_at) as first from tickets").first();
	expect(left).toEqual({ first: 251 });
	expect(costs.rowsRead).toBeLessThan(5000);
});

it("costs what test/costs/sysops.md says; if the change is meant: npm run costs -- --update", async () => {
	await expect(sheet.table("sysops")).toMatchFileSnapshot("../../test/costs/sysops.md");
});
