import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort, type SpawnedStack, spawnStack } from "../scripts/dev/spawn.ts";
import type { Operation } from "../scripts/openapi/operation.ts";
import { operations } from "../scripts/openapi/operations.ts";
import { app } from "../workers/customer/app.ts";
import { broken } from "./openapi/broken.ts";
import { Client, type Given, givens } from "./openapi/client.ts";
import { checker, type Described, Document, danglingRefs, described } from "./openapi/document.ts";
import { resolveTicket } from "./openapi/resolve-ticket.ts";
import { type Staff, staffOf } from "./staff.ts";

/** The document that the running stack serves, held against what the running stack does. */
const home = mkdtempSync(join(tmpdir(), "openapi-"));
let stack: SpawnedStack;
let staff: Staff;
let served: Response;
let document: Document;

beforeAll(async () => {
	stack = spawnStack({ home, port: await freePort() });
	await stack.ready;
	staff = staffOf(stack);
	for (const customer of customers) await submitTicket(customer, "first"); // no list is empty
	served = await stack.request("customer", "/openapi.json");
	document = v.parse(Document, await served.json());
});
afterAll(async () => {
	stack.kill();
	await stack.ended;
	rmSync(home, { recursive: true, force: true });
});

/** Demo customers in turn: changes are limited for each. */
const customers = ["ada", "grace"];
const customerOf = (id: string) => customers[operations.findIndex((one) => one.id === id) % customers.length] ?? "";

/** A token is good for five minutes, and these tests take one. */
const tokens = new Map<string, Promise<string>>();
function tokenOf(customer: string): Promise<string> {
	const token = tokens.get(customer) ?? stack.token(customer);
	tokens.set(customer, token);
	return token;
}

function operationOf({ path, method }: { path: string; method: string }): Described {
	const operation = described(document).find((one) => one.path === path && one.method === method)?.operation;
	if (!operation) throw new Error(`${method} ${path} is not in the document`);
	return operation;
}

interface Call {
	readonly ids?: Readonly<Record<string, string>>;
	readonly query?: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string;
}

/** Calls an operation as its document shows; what `call` says is otherwise. */
async function request(operation: Operation, { client, token, body: known, ids }: Given, call: Call = {}): Promise<Response> {
	const { id, path, method, access } = operation;
	const { parameters, requestBody } = operationOf(operation);
	const named = parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name);
	const values: Record<string, string> = { ...(named.includes("id") && !ids && (await idsFor(id))), ...ids, ...call.ids };
	const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
	const example = requestBody?.content["application/json"]?.example;
	const body = call.body ?? (example === undefined ? undefined : JSON.stringify({ ...example, ...known }));
	const headers = {
		...(!access && { authorization: `Bearer ${token ?? (await tokenOf(customerOf(id)))}` }),
		...(body !== undefined && { "content-type": "application/json" }),
		...call.headers,
	};
	const query = call.query ? `?${call.query}` : "";
	return client.request(filled + query, { method, headers, ...(body !== undefined && { body }) });
}

/** Who calls: somebody who has just signed in where cookies are needed, else whoever. */
async function givenFor({ id, access }: Operation): Promise<Given> {
	const given = givens(stack)[id];
	if (given) return given();
	const client = new Client(stack);
	return { client: access === "refresh" ? await client.signIn() : client };
}

/** Ids that the path of an operation needs: of something that is there and that its customer owns. */
async function idsFor(id: string) {
	const ticketId = await ticketOf(customerOf(id), id);
	// once in a run: afterwards it is
	if (id === "requestReopening") await resolveTicket(stack, staff, ticketId, await tokenOf(customerOf(id)));
	return { id: ticketId };
}
const tickets = new Map<string, Promise<string>>();

function ticketOf(customer: string, key: string): Promise<string> {
	const ticket = tickets.get(key) ?? submitTicket(customer, key);
	tickets.set(key, ticket);
	return ticket;
}

async function submitTicket(customer: string, key: string): Promise<string> {
	const authorization = `Bearer ${await tokenOf(customer)}`;
	const init = {
		method: "POST",
		headers: { authorization, "content-type": "application/json", "idempotency-key": key },
		body: JSON.stringify({ device: "Radio", category: "audio", text: "It hums." }),
	};
	const submitted: { id: string } = await (await stack.request("customer", "/api/v1/tickets", init)).json();
	return submitted.id;
}

/** Nothing undocumented is ever answered: the status, the media type and the body are those of the document. */
async function isDocumented(where: { path: string; method: string }, response: Response): Promise<unknown> {
	const answer = operationOf(where).responses[response.status];
	if (!answer) throw new Error(`${response.status} is not documented: ${await response.text()}`);
	const [type = "", ...others] = Object.keys(answer.content);
	expect(others).toEqual([]);
	expect(response.headers.get("content-type") ?? "").toBe(type);
	for (const header of Object.keys(answer.headers)) expect(response.headers.get(header), header).toBeTruthy();
	const text = await response.text();
	const schema = answer.content[type]?.schema;
	if (!schema) {
		expect(text).toBe("");
		return undefined;
	}
	const json: unknown = JSON.parse(text);
	expect(checker(document, schema)(json)).toBeUndefined();
	return json;
}

describe("the document", () => {
	test("refers to nothing that is not in it", () => {
		expect(danglingRefs(document)).toEqual([]);
	});

	test("gives every operation a name of its own, and every parameter of a path a description", () => {
		const all = described(document);
		expect(new Set(all.map(({ operation }) => operation.operationId)).size).toBe(all.length);
		for (const { path, operation } of all) {
			const named = operation.parameters.filter((one) => one.in === "path" && one.required).map(({ name }) => name);
			expect([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)).toEqual(named);
		}
	});

	test("is served as JSON, to everybody", () => {
		expect(served.status).toBe(200);
		expect(served.headers.get("content-type")).toBe("application/json");
	});

	test("shows an example of every body, every answer and every problem, which its own schemas take", () => {
		for (const { operation } of described(document)) {
			const bodies = [operation.requestBody, ...Object.values(operation.responses)];
			for (const { schema, example, examples } of bodies.flatMap((body) => Object.values(body?.content ?? {}))) {
				const named = Object.keys(examples).map((name) => document.components.examples[name]?.value);
				const shown = example === undefined ? named : [example];
				expect(shown, operation.operationId).not.toEqual([]);
				for (const one of shown) expect(checker(document, schema)(one), operation.operationId).toBeUndefined();
			}
		}
	});

	/** What browsers send by themselves is no operation for clients. */
	const ofBrowsers = (path: string) => path.startsWith("/api/reports/");

	test("names every route of the API, and no other", () => {
		const routes = app.routes.filter(({ method, path }) => method !== "ALL" && path.startsWith("/api") && !ofBrowsers(path));
		const named = routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);

		const documented = described(document).map(({ method, path }) => `${method.toUpperCase()} ${path}`);

		expect(documented.sort()).toEqual([...new Set(named)].sort());
	});
});

test("contracts that a client has already are not sent again", async () => {
	// given a client that has asked before
	const listed = { path: "/api/v1/contracts", method: "get" };
	const client = new Client(stack);
	const first = await client.request(listed.path, { method: "GET" });
	const tag = first.headers.get("etag") ?? "";
	await isDocumented(listed, first);

	// when it asks with the tag of the answer
	const again = await client.request(listed.path, { method: "GET", headers: { "if-none-match": tag } });

	// then it is told that nothing has changed
	expect(again.status).toBe(304);
	expect(again.headers.get("etag")).toBe(tag);
	await isDocumented(listed, again);
});

test("the cookies of a session serve in place of its token", async () => {
	const profile = { path: "/api/v1/profile", method: "get" };
	const client = await new Client(stack).signIn();

	const answer = await client.request(profile.path, { method: "GET" });

	expect(answer.status).toBe(200);
	await isDocumented(profile, answer);
});

describe.each(operations)("$id", (operation) => {
	test("answers its example as documented", async () => {
		const response = await request(operation, await givenFor(operation));
		await isDocumented(operation, response);
		expect(response.status).toBeLessThan(300);
	});

	test("answers broken input as documented", async () => {
		const given = await givenFor(operation);
		const stranger = { client: new Client(stack) };
		const resolve = (schema: Readonly<Record<string, unknown>>) => {
			const name = String(schema["$ref"] ?? "").replace("#/components/schemas/", "");
			return document.components.schemas[name] ?? schema;
		};
		for (const { name, code, unknown, ...call } of broken(operationOf(operation), operation.access === "open", resolve)) {
			const response = await request(operation, unknown ? stranger : given, call);
			const problem = await isDocumented(operation, response);
			expect(problem, name).toMatchObject({ code, status: response.status });
		}
	});
});
