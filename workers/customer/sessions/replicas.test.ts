import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { type Browser, browserOf, setCookies } from "../../../shared/testing/browser.ts";
import { type Customer, givenCustomer, type TicketBody, ticketsPath } from "../../../shared/testing/customers.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { identityThat, refreshedAs, signedInAs, withIdentity } from "../../../shared/testing/fake-identity.ts";
import { someTicket } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { Replicated } from "../../../shared/testing/replicas.ts";
import worker from "../index.ts";

/** Shard 00, whose replica is the database that is shard 01 elsewhere. */
let shard: Replicated;
let customer: Customer;
let browser: Browser;

beforeEach(async () => {
	await migrateDatabases();
	shard = new Replicated(env.CUSTOMER_DB_00, env.CUSTOMER_DB_01);
	customer = await givenReplicatedCustomer();
	browser = browserFor(customer);
});

async function givenReplicatedCustomer(): Promise<Customer> {
	const given = await givenCustomer();
	for (const table of ["profiles", "plans"]) {
		const [row = {}] = await rowsOf(env.CUSTOMER_DB_00, `select * from ${table} where customer_id = ?`, given.id);
		const text = `insert into ${table} (${Object.keys(row)}) values (${Object.keys(row).map(() => "?")})`;
		await env.CUSTOMER_DB_01.prepare(text)
			.bind(...Object.values(row))
			.run();
	}
	return given;
}

function browserFor({ token }: Customer, identity = identityThat({})): Browser {
	const { CUSTOMER_DB_01: _, ...bindings } = { ...withIdentity(identity), CUSTOMER_DB_00: shard.binding };
	return browserOf(worker, bindings as Cloudflare.Env, { session: token }); // of one shard
}

const list = async (of: Browser) => (await of.get<{ items: TicketBody[] }>(ticketsPath)).body.items;

describe("with a replica that lags behind", () => {
	it("a customer always sees their own writes", async () => {
		const { body: ticket } = await browser.post<TicketBody>(ticketsPath, someTicket);
		expect(await list(browser)).toMatchObject([{ id: ticket.id }]);

		await browser.post(`${ticketsPath}/${ticket.id}/comments`, { text: "Hello?" });
		expect((await browser.get<TicketBody>(`${ticketsPath}/${ticket.id}`)).body.comments).toMatchObject([{ text: "Hello?" }]);

		await browser.post(`${ticketsPath}/${ticket.id}/cancellation`, {});
		expect((await browser.get<TicketBody>(`${ticketsPath}/${ticket.id}`)).body.cancellationRequestedAt).not.toBeNull();
		expect(shard.reads.replica).toBe(0);
	});

	it("also while it catches up in steps", async () => {
		for (let i = 1; i <= 3; i++) {
			await browser.post(ticketsPath, someTicket);
			expect(await list(browser)).toHaveLength(i);
			if (i === 2) await shard.catchUp();
			expect(await list(browser)).toHaveLength(i);
		}
		expect(shard.reads).toEqual({ primary: 5, replica: 1 });
	});

	it("the replica serves whoever has seen no more than it has", async () => {
		await browser.post(ticketsPath, someTicket);
		await shard.catchUp();
		for (let i = 0; i < 3; i++) expect(await list(browser)).toHaveLength(1);

		expect(shard.reads).toEqual({ primary: 0, replica: 3 });
	});

	it("the writes of others keep nobody from the replica", async () => {
		await list(browser);
		const other = browserFor(await givenReplicatedCustomer());
		await other.post(ticketsPath, someTicket);

		expect(await list(browser)).toEqual([]);
		expect(await list(other)).toHaveLength(1);
		expect(shard.reads).toEqual({ primary: 2, replica: 1 });
	});

	it("the primary answers a client without cookies, so that it sees its writes too", async () => {
		const client = browserFor(customer);
		client.cookies.clear();
		const init = { headers: customer.headers({ "content-type": "application/json" }) };
		await client.ask(ticketsPath, { method: "POST", body: JSON.stringify(someTicket), ...init });
		client.cookies.clear();

		expect((await client.ask<{ items: object[] }>(ticketsPath, init)).body.items).toHaveLength(1);
		expect(shard.reads).toEqual({ primary: 1, replica: 0 });
	});

	it("a session that was renewed and a sign-in have been seen as well", async () => {
		const fresh = await givenCustomer({ profile: null, plan: null });
		const identity = identityThat({ signInWithCode: () => signedInAs(fresh), refresh: () => refreshedAs(fresh) });
		const visitor = browserFor(fresh, identity);
		visitor.cookies.clear();
		visitor.cookies.set("__Host-browser", "b".repeat(22));

		await visitor.post("/api/auth/sign-in/email-otp", { email: "ada@penultimate.example", otp: "1" });
		const bookmark = visitor.cookies.get("__Host-bookmark");
		visitor.cookies.delete("__Host-session");
		await list(visitor);

		expect(bookmark).toMatch(/^00\.00000001-/);
		expect(shard.reads).toEqual({ primary: 1, replica: 0 });
	});
});

describe("the bookmark", () => {
	it.each([
		["of another shard", `01.00000000-00000000-00000000-${"0".repeat(32)}`],
		["of the first query that comes", "00.first-unconstrained"],
		["of no shape", "00."],
		["with SQL in it", "00.' or 1=1"],
	])("%s is ignored: the primary answers", async (_, value) => {
		await browser.post(ticketsPath, someTicket);
		browser.cookies.set("__Host-bookmark", encodeURIComponent(value));

		expect(await list(browser)).toHaveLength(1);
		expect(browser.cookies.get("__Host-bookmark")).toMatch(/^00\.00000001-/);
	});

	it("is set when it has changed, and only then", async () => {
		const first = await browser.get(ticketsPath);
		const again = await browser.get(ticketsPath);
		await browser.post(ticketsPath, someTicket);

		const { attributes } = setCookies(first.headers).get("__Host-bookmark") ?? {};
		expect(attributes).toEqual(expect.arrayContaining(["httponly", "secure", "samesite=lax", "path=/"]));
		expect(again.headers.getSetCookie()).toEqual([]);
		expect(browser.cookies.get("__Host-bookmark")).toMatch(/^00\.00000001-/);
	});

	it("has the shape that D1 gives, and D1 takes it back", async () => {
		const real = browserOf(worker, withIdentity(identityThat({})), { session: customer.token });

		await real.post(ticketsPath, someTicket);
		const bookmark = real.cookies.get("__Host-bookmark");

		expect(bookmark).toMatch(/^00\.[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}$/);
		expect(await list(real)).toHaveLength(1);
	});
});
