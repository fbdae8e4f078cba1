import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { fillTickets, waitInOutbox } from "../../shared/testing/backlog.ts";
import { feedOf } from "../../shared/testing/contracts.ts";
import { CostSheet, costsOf } from "../../shared/testing/counting.ts";
import {
	type Customer,
	givenCustomer,
	givenTicket,
	outboxOf,
	sessionTokenOf,
	ticketsPath,
} from "../../shared/testing/customers.ts";
import { accountOf, done, identityThat, refreshedAs, signedInAs, withIdentity } from "../../shared/testing/fake-identity.ts";
import { newId, someTicket } from "../../shared/testing/fixtures.ts";
import { batchOf, neighbour, receiptsFrom } from "../../shared/testing/messages.ts";
import { migrateDatabases } from "../../shared/testing/migrations.ts";
import { givenVersion } from "../../shared/testing/replica.ts";
import { replied, statusChanged } from "../../shared/testing/updates.ts";
import { days } from "../../shared/time.ts";
import worker from "./index.ts";

const page = 20;
let ada: Customer;
const identity = identityThat({
	requestCode: done,
	signInWithCode: () => signedInAs(ada),
	refresh: () => refreshedAs(ada),
	account: () => accountOf(ada),
	endSessions: () => ({ customerId: ada.id, ended: [] }),
});
const sheet = new CostSheet<Cloudflare.Env>(withIdentity(identity));

beforeAll(async () => {
	await migrateDatabases();
	ada = await givenCustomer();
	const received = { status: "'received'", created_at: "i", request_digest: "''" };
	await fillTickets(ada.database, ada.id, 100_000, received);
	for (const database of [env.CUSTOMER_DB_00, env.CUSTOMER_DB_01]) await waitInOutbox(database, "sysops", 10_000);
	await costsOf(env, fetching("GET", `${ticketsPath}/tkt_00`)); // the look for an overdue relay is over for a minute
});

function fetching(method: string, path: string, body?: object, headers: Record<string, string> = {}, customer = ada) {
	const init = { method, headers: customer.headers({ "content-type": "application/json", ...headers }) };
	const request = new Request(`https://customer.test${path}`, { ...init, ...(body ? { body: JSON.stringify(body) } : {}) });
	return async (counted: Cloudflare.Env, execution: ExecutionContext) => {
		const response = await worker.fetch(request, counted, execution);
		await response.text();
		expect(response.status, path).toBeLessThan(500); // what fails costs too little
		return response.status;
	};
}

const cron = (expression: string) => (counted: Cloudflare.Env, execution: ExecutionContext) =>
	worker.scheduled(createScheduledController({ cron: expression }), counted, execution);

const key = { "idempotency-key": "counted" };

describe("POST tickets", () => {
	it("is one D1 batch of two statements that writes at most four rows, one send, and no call of another Worker", async () => {
		const costs = await sheet.line("POST tickets", fetching("POST", ticketsPath, someTicket, key));

		expect(costs).toMatchObject({ d1Calls: 1, statements: 2, sends: 1, messages: 1, otherCalls: 0 });
		expect(costs.rowsWritten).toBeLessThanOrEqual(4);
	});

	it("is answered while `send` never resolves", async () => {
		const stuck = { ...env, TICKETS: { sendBatch: () => new Promise<never>(() => {}) } as unknown as Queue }; // all that is used of it
		let status: unknown;

		const costs = await costsOf(
			stuck,
			async (counted, execution) => {
				status = await fetching("POST", ticketsPath, someTicket)(counted, execution);
			},
			"answer",
		);

		expect(status).toBe(202);
		expect(costs).toMatchObject({ d1Calls: 1, statements: 2 });
	});

	it("costs a second call only when it is repeated or refused", async () => {
		const unlucky = await givenCustomer({ plan: { startsIn: -2 * days, endsIn: -days } });

		const repeated = await sheet.line("POST tickets, repeated", fetching("POST", ticketsPath, someTicket, key));
		const refused = await sheet.line("POST tickets, no plan", fetching("POST", ticketsPath, someTicket, {}, unlucky));
		const invalid = await sheet.line("POST tickets, invalid", fetching("POST", ticketsPath, {}));

		expect([repeated, refused, invalid].map(({ d1Calls }) => d1Calls)).toEqual([2, 2, 0]);
	});
});

describe("GET tickets of a customer with 100,000", () => {
	it.each([
		["the first page", ""],
		["by cursor", `?cursor=${btoa(JSON.stringify([50_000, "tkt_00"])).replaceAll("=", "")}`],
		["the last page", `?cursor=${btoa(JSON.stringify([10, "tkt_00"])).replaceAll("=", "")}`],
	])("%s is one query that reads no more than the page and one row", async (name, query) => {
		const costs = await sheet.line(`GET tickets, ${name}`, fetching("GET", ticketsPath + query));

		expect(costs).toMatchObject({ d1Calls: 1, statements: 1, rowsWritten: 0, otherCalls: 0 });
		expect(costs.rowsRead).toBeLessThanOrEqual(page + 1);
	});
});

describe("the other routes", () => {
	it("are one D1 call each", async () => {
		const { id } = await givenTicket(ada);
		const comment = fetching("POST", `${ticketsPath}/${id}/comments`, { text: "Hello?" }, key);

		await sheet.line("POST tickets/{id}/comments", comment);
		await sheet.line("GET tickets/{id}", fetching("GET", `${ticketsPath}/${id}`));
		await sheet.line("GET tickets/{id}, absent", fetching("GET", `${ticketsPath}/tkt_${"0".repeat(28)}`));
		await sheet.line("POST tickets/{id}/cancellation", fetching("POST", `${ticketsPath}/${id}/cancellation`, {}));
		await sheet.line("POST tickets/{id}/cancellation, repeated", fetching("POST", `${ticketsPath}/${id}/cancellation`, {}));

		const lines = Object.entries(sheet.rows).filter(([name]) => name.includes("{id}"));
		expect(lines.filter(([, { d1Calls }]) => d1Calls !== 1)).toEqual([]);
	});
});

describe("a session", () => {
	/** In a browser: with cookies instead of a header. */
	const browsing = (method: string, path: string, session: string, body?: object) => {
		const cookie = `__Host-session=${session}; __Host-refresh=secret; __Host-browser=${"b".repeat(22)}`;
		const init = { method, headers: { "content-type": "application/json", origin: "https://customer.test", cookie } };
		const request = new Request(`https://customer.test${path}`, { ...init, ...(body ? { body: JSON.stringify(body) } : {}) });
		return async (counted: Cloudflare.Env, execution: ExecutionContext) => {
			await (await worker.fetch(request, counted, execution)).text();
		};
	};
	const code = { email: "ada@penultimate.example", otp: "7Q2KM4XZ" };

	it("asks identity only when its token has expired, and then once", async () => {
		const issuedAt = Math.floor(Date.now() / 1000) - 600;
		const old = await sessionTokenOf({ sub: ada.id, sid: ada.sessionId }, { issuedAt });

		const valid = await sheet.line("GET tickets, by cookie", browsing("GET", ticketsPath, ada.token));
		const expired = await sheet.line("GET tickets, by cookie, renewed", browsing("GET", ticketsPath, old));

		expect(valid).toMatchObject({ d1Calls: 1, otherCalls: 0 });
		expect(expired).toMatchObject({ d1Calls: 1, otherCalls: 1 });
	});

	it("in a header asks identity once whether it is there, when it has expired", async () => {
		const issuedAt = Math.floor(Date.now() / 1000) - 600;
		const token = await sessionTokenOf({ sub: ada.id, sid: ada.sessionId }, { issuedAt });

		const costs = await costsOf(env, fetching("GET", ticketsPath, undefined, { authorization: `Bearer ${token}` }));

		expect(costs).toMatchObject({ d1Calls: 0, otherCalls: 1 });
	});

	it("begins with one call of identity and one write, and ends with two calls and one", async () => {
		const asked = await sheet.line(
			"POST auth, send a code",
			browsing("POST", "/api/auth/email-otp/send-verification-otp", ada.token, { email: code.email }),
		);
		const begun = await sheet.line("POST auth, sign in", browsing("POST", "/api/auth/sign-in/email-otp", ada.token, code));
		await sheet.line("GET auth, list sessions", browsing("GET", "/api/auth/list-sessions", ada.token));
		await sheet.line("POST auth, end others", browsing("POST", "/api/auth/revoke-other-sessions", ada.token, {}));
		const ended = await sheet.line("POST auth, sign out", browsing("POST", "/api/auth/sign-out", ada.token, {}));
		await ada.database.prepare("delete from revoked_sessions").run();

		expect(asked).toMatchObject({ d1Calls: 0, otherCalls: 1 });
		expect(begun).toMatchObject({ d1Calls: 1, otherCalls: 1 });
		expect(ended).toMatchObject({ d1Calls: 1, otherCalls: 2 });
	});
});

describe("a profile", () => {
	it("is one read, and one write with its event; saying it again writes nothing", async () => {
		const given = { name: "Ada", street: "1 Way", postalCode: "1", city: "London", country: "GB", region: "south" };
		const profile = { ...given, phone: "+44 20 7946 0000", language: "en", notify: { email: true, sms: false } };
		await ada.database.prepare("update profiles set email = 'ada@customer.example' where customer_id = ?").bind(ada.id).run();

		const changed = await sheet.line("PUT profile", fetching("PUT", "/api/v1/profile", profile));
		const repeated = await sheet.line("PUT profile, repeated", fetching("PUT", "/api/v1/profile", profile));
		const read = await sheet.line("GET profile", fetching("GET", "/api/v1/profile"));

		expect([changed, repeated, read].map(({ d1Calls, messages }) => [d1Calls, messages])).toEqual([
			[1, 1],
			[1, 0],
			[1, 0],
		]);
		expect([repeated.rowsWritten, read.rowsWritten]).toEqual([0, 0]);
	});
});

describe("a plan", () => {
	// replication, further down, begins with nothing
	afterAll(() => ada.database.prepare("delete from contract_versions").run());

	it("is one read; signing is one read and one write with its event, whatever else is in the catalogue", async () => {
		const contracts = Array.from({ length: 200 }, () => ({ contractId: newId("ctr", "00"), version: 1 }));
		for (const contract of contracts) await givenVersion(ada.database, contract);
		const customer = await givenCustomer({ plan: null });
		const put = (count: number) => fetching("PUT", "/api/v1/plan", { lines: contracts.slice(0, count) }, {}, customer);

		const signed = await sheet.line("PUT plan, 20 contracts", put(20));
		const changed = await sheet.line("PUT plan, changed", put(1));
		const repeated = await sheet.line("PUT plan, repeated", put(1));
		const read = await sheet.line("GET plan", fetching("GET", "/api/v1/plan", undefined, {}, customer));

		expect([signed, changed, repeated, read].map(({ d1Calls, messages }) => [d1Calls, messages])).toEqual([
			[2, 1],
			[2, 1],
			[1, 0],
			[1, 0],
		]);
		expect(signed.rowsRead).toBeLessThan(150);
		expect(changed.rowsWritten).toBeLessThanOrEqual(4);
	});

	it("is chosen from a catalogue that an isolate reads once in 30 seconds", async () => {
		const first = await sheet.line("GET contracts, 200 on offer", fetching("GET", "/api/v1/contracts"));
		const second = await sheet.line("GET contracts, again", fetching("GET", "/api/v1/contracts"));

		expect([first.d1Calls, second.d1Calls]).toEqual([1, 0]);
	});
});

describe("a queue batch of 100 receipts", () => {
	it.each([
		["of one shard", ["00"]],
		["of two shards", ["00", "01"]],
	])("%s is one D1 batch for each shard", async (name, shards) => {
		const customers = await Promise.all(shards.map((shard) => givenCustomer({ shard })));
		await Promise.all(Array.from({ length: 100 }, (_, i) => givenTicket(customers[i % shards.length] ?? ada)));
		const sent = (await Promise.all(customers.map(outboxOf))).flat();
		const messages = await Promise.all(sent.map(({ event_id }) => receiptsFrom(neighbour("sysops"), [event_id])));

		const costs = await sheet.line(`100 receipts ${name}`, (counted, execution) =>
			worker.queue(batchOf("receipts-customer", messages), counted, execution),
		);

		expect(messages).toHaveLength(100);
		expect(costs).toMatchObject({ d1Calls: shards.length, sends: 0, otherCalls: 0 });
		expect((await Promise.all(customers.map(outboxOf))).flat()).toEqual([]);
	});
});

describe("a queue batch of 100 updates of tickets", () => {
	const batch = 100;

	it("is one D1 batch that reads and writes a few rows for each, whoever else has tickets, and one send", async () => {
		const customer = await givenCustomer();
		const ways = "update profiles set email = 'ada@customer.example', notify_by_sms = 1 where customer_id = ?";
		await ada.database.prepare(ways).bind(customer.id).run();
		const tickets = await Promise.all(Array.from({ length: batch }, () => givenTicket(customer)));
		const moved = await Promise.all(tickets.map(({ id }) => statusChanged(customer.id, id)));
		const said = await Promise.all(tickets.map(({ id }) => replied(customer.id, id)));
		const bringing = (messages: string[]) => (counted: Cloudflare.Env, execution: ExecutionContext) =>
			worker.queue(batchOf("ticket-updates", messages), counted, execution);

		const costs = {
			moved: await sheet.line("100 changes of status, told twice each", bringing(moved)),
			said: await sheet.line("100 replies, told twice each", bringing(said)),
			repeated: await sheet.line("100 changes of status, repeated", bringing(moved)),
		};

		expect(costs.moved).toMatchObject({ d1Calls: 1, messages: 2 * batch + 1, otherCalls: 0 });
		expect(costs.said).toMatchObject({ d1Calls: 1, messages: 2 * batch + 1, otherCalls: 0 });
		expect(costs.repeated).toMatchObject({ d1Calls: 1, messages: 1, rowsWritten: 0 });
		for (const { rowsRead, rowsWritten } of Object.values(costs))
			expect(Math.max(rowsRead, rowsWritten)).toBeLessThan(25 * batch);
	});
});

describe("without anything to do", () => {
	beforeAll(async () => {
		// given that no destination has just woken: that would be something to do
		const rested = (database: D1Database) => database.prepare("update destinations set woken_at = null").run();
		await Promise.all([rested(env.CUSTOMER_DB_00), rested(env.CUSTOMER_DB_01)]);
	});

	it("the Cron Trigger of every minute looks once at each shard and destination, and writes that it ran", async () => {
		const costs = await sheet.line("Cron of every minute, nothing due", cron("* * * * *"));

		expect(costs).toMatchObject({ d1Calls: 11, sends: 0, rowsWritten: 1 });
	});

	it("the Cron Trigger of every hour deletes nothing, and writes that it ran", async () => {
		const costs = await sheet.line("Cron of every hour, nothing to prune", cron("17 * * * *"));

		expect(costs).toMatchObject({ sends: 0, rowsWritten: 1 });
	});

	it("a request looks for an overdue relay once a minute, after its answer", async () => {
		vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
		const first = await sheet.line("GET tickets, once a minute", fetching("GET", `${ticketsPath}?limit=1`));
		const second = await costsOf(env, fetching("GET", `${ticketsPath}?limit=1`));
		vi.useRealTimers();

		expect([first.d1Calls, second.d1Calls]).toEqual([6, 1]);
		expect(first.rowsWritten).toBe(0);
	});

	it("health reads each shard once", async () => {
		const costs = await sheet.line("GET healthz", fetching("GET", "/healthz"));

		expect(costs).toMatchObject({ d1Calls: 3, rowsWritten: 0 });
	});
});

describe("the replication of 250 contracts", () => {
	it("costs each shard one call to begin with and two for each page: one of the feed and one of D1", async () => {
		const withFeed = { ...env, CONTRACT_FEED: (await feedOf(250)) as unknown as Fetcher }; // all that is used of it
		const replicate = () => costsOf(withFeed, cron("*/5 * * * *"));

		const first = await replicate();
		const none = await replicate();
		sheet.rows["Cron of replication, the first 250 contracts"] = first;
		sheet.rows["Cron of replication, nothing new"] = none;

		expect(first).toMatchObject({ d1Calls: 2 * (1 + 3) + 1, otherCalls: 2 * 3 });
		expect(none).toMatchObject({ d1Calls: 2 * (1 + 1) + 1, otherCalls: 2 });
		expect(none.rowsWritten).toBe(2 + 1); // when it was last complete, and that Cron ran
		const offered = await env.CUSTOMER_DB_01.prepare("select count(*) as contracts from contract_versions where offered").first();
		expect(offered).toEqual({ contracts: 250 });
	});
});

describe("pages of the portal", () => {
	it("cost what they show; test/costs/customer-routes.md has every route", async () => {
		const { id } = await givenTicket(ada);
		const cookie = { cookie: `__Host-session=${ada.token}`, accept: "text/html" };
		for (const path of ["/", "/tickets", `/tickets/${id}`, "/tickets/new", "/profile", "/plan", "/contracts"]) {
			const costs = await sheet.line(`page ${path.replace(id, "{id}")}`, fetching("GET", path, undefined, cookie));
			expect(costs, path).toMatchObject({ rowsWritten: 0, sends: 0, otherCalls: 0 });
			expect(costs.rowsRead, path).toBeLessThanOrEqual(25);
		}
	});
});

it("costs what test/costs/customer.md says; if the change is meant: npm run costs -- --update", async () => {
	await expect(sheet.table("customer")).toMatchFileSnapshot("../../test/costs/customer.md");
});
