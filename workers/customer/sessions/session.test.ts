import { beforeAll, describe, expect, it } from "vitest";
import { sessionKey } from "../../../shared/testing/bindings.ts";
import { contentsOf } from "../../../shared/testing/contents.ts";
import {
	ask,
	type Customer,
	databaseOf,
	givenCustomer,
	givenTicket,
	sessionTokenOf,
	ticketsPath,
} from "../../../shared/testing/customers.ts";
import { newId, someTicket } from "../../../shared/testing/fixtures.ts";
import { signSymmetrically, unsigned } from "../../../shared/testing/forge.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";

let customer: Customer;
let ticketId: string;

beforeAll(async () => {
	await migrateDatabases();
	customer = await givenCustomer();
	ticketId = (await givenTicket(customer)).id;
});

const now = () => Math.floor(Date.now() / 1000);
const claims = () => ({ sub: customer.id, sid: customer.sessionId });
const goodBody = () => ({ ...claims(), iss: "identity", aud: "customer", iat: now(), exp: now() + 300 });
const header = { typ: "JWT", kid: sessionKey.kid };

/** Every route that needs a session, asked with this Authorization header. */
async function expectRefusal(authorization: string | undefined, code: string): Promise<void> {
	const before = await contentsOf(databaseOf("00"), databaseOf("01"));
	const headers = { "content-type": "application/json", ...(authorization === undefined ? {} : { authorization }) };
	for (const [method, path, body] of [
		["GET", ticketsPath],
		["GET", `${ticketsPath}/${ticketId}`],
		["POST", ticketsPath, someTicket],
		["POST", `${ticketsPath}/${ticketId}/comments`, { text: "Hello?" }],
		["POST", `${ticketsPath}/${ticketId}/cancellation`, {}],
		["GET", "/api/v1/profile"],
		["PUT", "/api/v1/profile", {}],
		["GET", "/api/v1/plan"],
		["PUT", "/api/v1/plan", {}],
	] as const) {
		const answer = await ask(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
		const { status } = answer;
		expect({ path, status, code: answer.body.code }).toEqual({ path, status: 401, code });
		expect(answer.headers.get("content-type")).toBe("application/problem+json");
	}
	expect(await contentsOf(databaseOf("00"), databaseOf("01"))).toEqual(before);
}

describe("a session token is refused with 401 on every route, and changes nothing, when it is", () => {
	it.each<[string, () => string | undefined | Promise<string>]>([
		["missing", () => undefined],
		["empty", () => "Bearer "],
		["garbage", () => "Bearer garbage"],
		["three parts of garbage", () => "Bearer a.b.c"],
		["sent by another scheme", async () => `Basic ${customer.token}`],
		["two tokens", async () => `Bearer ${customer.token}, Bearer ${customer.token}`],
		["alg none", () => `Bearer ${unsigned(goodBody(), { ...header, alg: "none" })}`],
		["without its signature", () => `Bearer ${customer.token.split(".").slice(0, 2).join(".")}.`],
		[
			"HS512 with the right secret",
			async () => `Bearer ${await signSymmetrically(goodBody(), { ...header, alg: "HS512" }, sessionKey.secret)}`,
		],
		["signed with another secret", async () => `Bearer ${await sessionTokenOf(claims(), { secret: "x".repeat(64) })}`],
		["signed with an empty secret of an unknown key", async () => `Bearer ${await sessionTokenOf(claims(), { kid: "other" })}`],
		[
			"signed with a key named like a method",
			async () => `Bearer ${await sessionTokenOf(claims(), { kid: "toString", secret: `${{}.toString}` })}`,
		],
		["for another audience", async () => `Bearer ${await sessionTokenOf(claims(), { audience: "billing" })}`],
		["of another issuer", async () => `Bearer ${await sessionTokenOf(claims(), { issuer: "sysops" })}`],
		["of a time to come", async () => `Bearer ${await sessionTokenOf(claims(), { issuedAt: now() + 3600 })}`],
		["without a customer", async () => `Bearer ${await sessionTokenOf({ sid: customer.sessionId })}`],
		["without a session", async () => `Bearer ${await sessionTokenOf({ sub: customer.id })}`],
		["of a customer that is no id", async () => `Bearer ${await sessionTokenOf({ ...claims(), sub: "ada" })}`],
		[
			"of a customer with SQL in it",
			async () => `Bearer ${await sessionTokenOf({ ...claims(), sub: `${customer.id}' or 1=1` })}`,
		],
		["of a ticket", async () => `Bearer ${await sessionTokenOf({ ...claims(), sub: ticketId })}`],
		["of a shard that does not exist", async () => `Bearer ${await sessionTokenOf({ ...claims(), sub: newId("cus", "ff") })}`],
	])("%s", async (_, authorization) => {
		await expectRefusal(await authorization(), "unauthenticated");
	});

	it.each<[string, () => Promise<string>]>([
		["expired", () => sessionTokenOf(claims(), { issuedAt: now() - 301 })],
		[
			"older than five minutes, whatever it says of its end",
			() => sessionTokenOf(claims(), { issuedAt: now() - 302, lifetime: 86_400 }),
		],
		["expired before its five minutes", () => sessionTokenOf(claims(), { issuedAt: now() - 61, lifetime: 60 })],
	])("%s, so that the client gets a new one", async (_, token) => {
		await expectRefusal(`Bearer ${await token()}`, "session_expired");
	});

	it("not an old one that was never good: no hint", async () => {
		const token = await sessionTokenOf(claims(), { issuedAt: now() - 301, secret: "x".repeat(64) });
		await expectRefusal(`Bearer ${token}`, "unauthenticated");
	});
});

it("a token made by hand like those above, with the right algorithm, is good", async () => {
	const token = await signSymmetrically(goodBody(), header, sessionKey.secret);

	expect((await ask(ticketsPath, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
});

it("a token that is nearly five minutes old is still good", async () => {
	const token = await sessionTokenOf(claims(), { issuedAt: now() - 290 });

	expect((await ask(ticketsPath, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
});
