import { env, exports } from "cloudflare:workers";
import { type JWTPayload, SignJWT } from "jose";
import type { Database } from "../context.ts";
import { type Shard, shardOf } from "../ids.ts";
import { days } from "../time.ts";
import { sessionKey } from "./bindings.ts";
import { rowsOf } from "./database.ts";
import { newId, someCustomer, someTicket } from "./fixtures.ts";

/** The database of a shard. */
export function databaseOf(shard: Shard): D1Database {
	const bound: unknown = Reflect.get(env, `CUSTOMER_DB_${shard.toUpperCase()}`);
	if (!bound) throw new Error(`no database for shard ${shard}`);
	return bound as D1Database; // named for it
}

/** A profile as the portal stores it. A field of null is missing. */
export type Profile = Record<keyof typeof someCustomer, string | null>;

export async function givenProfile(customerId: string, profile: Profile = someCustomer): Promise<void> {
	const { postalCode: postal_code, ...others } = profile;
	const row = { customer_id: customerId, postal_code, ...others };
	const names = Object.keys(row);
	const text = `insert into profiles (${names.join(", ")}) values (${names.map(() => "?").join(", ")})`;
	await databaseOf(shardOf(customerId))
		.prepare(text)
		.bind(...Object.values(row))
		.run();
}

export async function givenPlan(customerId: string, startsAt = 0, endsAt: number | null = null): Promise<void> {
	const text = "insert into plans (customer_id, starts_at, ends_at) values (?, ?, ?)";
	await databaseOf(shardOf(customerId)).prepare(text).bind(customerId, startsAt, endsAt).run();
}

export interface Given {
	shard?: Shard;
	/** Null: no profile at all. A field of null is missing. */
	profile?: Partial<Profile> | null;
	/** Relative to now, in milliseconds; null: no plan at all. */
	plan?: { startsIn: number; endsIn?: number } | null;
}

/** A customer with a session, as identity and the portal would have left it in the shard. */
export async function givenCustomer({ shard = "00", profile = {}, plan = { startsIn: -days } }: Given = {}): Promise<Customer> {
	const id = newId("cus", shard);
	const sessionId = newId("ses", shard);
	const now = Date.now();
	if (profile) await givenProfile(id, { ...someCustomer, ...profile });
	if (plan) await givenPlan(id, now + plan.startsIn, plan.endsIn === undefined ? null : now + plan.endsIn);
	return new Customer(id, sessionId, shard, await sessionTokenOf({ sub: id, sid: sessionId }));
}

/** A customer who has just signed in for the first time: an address, and nothing else. */
export async function givenNewcomer(email = "ada@customer.example", shard: Shard = "00"): Promise<Customer> {
	const customer = await givenCustomer({ shard, profile: null, plan: null });
	await customer.database.prepare("insert into profiles (customer_id, email) values (?, ?)").bind(customer.id, email).run();
	return customer;
}

export interface TokenOptions {
	/** Seconds since 1970; without it now. */
	issuedAt?: number;
	lifetime?: number;
	issuer?: string;
	audience?: string;
	secret?: string;
	kid?: string;
}

/** A session token as identity signs it: HS256 under a key that both Workers have, good for five minutes. */
export function sessionTokenOf(claims: JWTPayload, options: TokenOptions = {}): Promise<string> {
	const { issuedAt = Math.floor(Date.now() / 1000), lifetime = 300, issuer = "identity", audience = "customer" } = options;
	return new SignJWT(claims)
		.setProtectedHeader({ alg: "HS256", typ: "JWT", kid: options.kid ?? sessionKey.kid })
		.setIssuer(issuer)
		.setAudience(audience)
		.setIssuedAt(issuedAt)
		.setExpirationTime(issuedAt + lifetime)
		.sign(new TextEncoder().encode(options.secret ?? sessionKey.secret));
}

export interface ProblemBody {
	code: string;
	status: number;
	title: string;
	type: string;
	missing?: string[];
	errors?: { field: string; rule: string; expected: string }[];
}

export interface Answer<Body> {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
	readonly body: Body;
}

/** Sends a request to the Worker under test and reads the whole answer. */
export async function ask<Body = ProblemBody>(path: string, init: RequestInit = {}): Promise<Answer<Body>> {
	const response = await exports.default.fetch(new Request(`https://customer.test${path}`, init));
	const text = await response.text();
	// The assertions of the tests are what checks the shape.
	return { status: response.status, headers: response.headers, text, body: (text ? JSON.parse(text) : undefined) as Body };
}

export class Customer {
	readonly id: string;
	readonly sessionId: string;
	readonly shard: Shard;
	readonly token: string;
	constructor(id: string, sessionId: string, shard: Shard, token: string) {
		this.id = id;
		this.sessionId = sessionId;
		this.shard = shard;
		this.token = token;
	}

	get database(): D1Database {
		return databaseOf(this.shard);
	}

	get<Body = ProblemBody>(path: string): Promise<Answer<Body>> {
		return ask<Body>(path, { headers: this.headers() });
	}

	post<Body = ProblemBody>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer<Body>> {
		return this.postText<Body>(path, JSON.stringify(body), headers);
	}

	/** Posts a body as it is: for what is no JSON. */
	postText<Body = ProblemBody>(path: string, body: BodyInit, headers: Record<string, string> = {}): Promise<Answer<Body>> {
		return this.sendText<Body>("POST", path, body, headers);
	}

	put<Body = ProblemBody>(path: string, body: unknown): Promise<Answer<Body>> {
		return this.sendText<Body>("PUT", path, JSON.stringify(body));
	}

	/** The same by any method. */
	sendText<Body = ProblemBody>(
		method: string,
		path: string,
		body: BodyInit,
		headers: Record<string, string> = {},
	): Promise<Answer<Body>> {
		return ask<Body>(path, { method, body, headers: this.headers({ "content-type": "application/json", ...headers }) });
	}

	headers(more: Record<string, string> = {}): Record<string, string> {
		return { authorization: `Bearer ${this.token}`, ...more };
	}

	async signOut(): Promise<void> {
		const text = "insert into revoked_sessions (session_id, revoked_at) values (?, ?)";
		await this.database.prepare(text).bind(this.sessionId, Date.now()).run();
	}
}

/** What the customer Worker answers with. */
export interface TicketBody {
	id: string;
	status: string;
	createdAt: string;
	device: string;
	category: string;
	priority: string;
	text: string;
	changedAt: string | null;
	availability: string[] | null;
	expert: { name: string } | null;
	visit: { from: string; to: string } | null;
	note: string | null;
	resolutions: number;
	cancellationRequestedAt: string | null;
	reopenRequestedAt: string | null;
	reopenableUntil: string | null;
	steps?: { status: string; at: string }[];
	comments?: { id: string; createdAt: string; text: string; author: string | null }[];
}

export const ticketsPath = "/api/v1/tickets";

/** A ticket that the customer has submitted over HTTP. */
export async function givenTicket(customer: Customer, body: object = someTicket): Promise<TicketBody> {
	const answer = await customer.post<TicketBody>(ticketsPath, body);
	if (answer.status !== 202) throw new Error(`no ticket: ${answer.text}`);
	return answer.body;
}

export interface OutboxRow {
	event_id: string;
	destination: string;
	type: string;
	event: string;
	/** Null unless a destination has rejected the event. */
	parked_reason: string | null;
}

/** The events about a customer that nobody has confirmed yet, in the order in which they happened, in one database. */
export async function outboxOf({ id, database }: { readonly id: string; readonly database: Database }): Promise<OutboxRow[]> {
	const text = "select * from outbox where event->>'$.subject' = ? order by created_at, event_id";
	return rowsOf<OutboxRow>(database, text, id);
}

/** The same as they will be sent. */
export async function eventsOf(customer: { readonly id: string; readonly database: Database }): Promise<EventBody[]> {
	return (await outboxOf(customer)).map(({ event }) => JSON.parse(event));
}

interface EventBody {
	readonly id: string;
	readonly type: string;
	readonly source: string;
	readonly subject: string;
	readonly version?: string;
	readonly data: Readonly<Record<string, unknown>>;
}
