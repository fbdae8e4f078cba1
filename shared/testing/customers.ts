import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { type JWTPayload, SignJWT } from "jose";
import type { Shard } from "../ids.ts";
import { sessionKey } from "./bindings.ts";
import { newId } from "./messages.ts";

declare global {
	namespace Cloudflare {
		interface Env {
			TEST_MIGRATIONS: D1Migration[];
		}
	}
}

export const day = 24 * 3_600_000;

export const databaseOf = (shard: Shard): D1Database => (shard === "01" ? env.CUSTOMER_DB_01 : env.CUSTOMER_DB_00);

/** Call it before all tests of a file: storage is the file's own. */
export async function migrateCustomers(): Promise<void> {
	for (const database of [env.CUSTOMER_DB_00, env.CUSTOMER_DB_01]) await applyD1Migrations(database, env.TEST_MIGRATIONS);
}

export const completeProfile = {
	name: "Ada Example",
	street: "1 Analytical Way",
	postal_code: "N1 9GU",
	city: "London",
	country: "GB",
	region: "london",
	phone: "+44 20 7946 0000",
};

export interface Given {
	shard?: Shard;
	/** Null: no profile at all. A field of null is missing. */
	profile?: Partial<Record<keyof typeof completeProfile, string | null>> | null;
	/** Relative to now, in milliseconds; null: no plan at all. */
	plan?: { startsIn: number; endsIn?: number } | null;
}

/** A customer with a session, as identity and the portal would have left it in the shard. */
export async function givenCustomer({ shard = "00", profile = {}, plan = { startsIn: -day } }: Given = {}): Promise<Customer> {
	const id = newId("cus", shard);
	const sessionId = newId("ses", shard);
	const database = databaseOf(shard);
	if (profile) {
		const row = { customer_id: id, ...completeProfile, ...profile };
		const names = Object.keys(row);
		const text = `insert into profiles (${names.join(", ")}) values (${names.map(() => "?").join(", ")})`;
		await database
			.prepare(text)
			.bind(...Object.values(row))
			.run();
	}
	if (plan) {
		const endsAt = plan.endsIn === undefined ? null : Date.now() + plan.endsIn;
		const text = "insert into plans (customer_id, starts_at, ends_at) values (?, ?, ?)";
		await database
			.prepare(text)
			.bind(id, Date.now() + plan.startsIn, endsAt)
			.run();
	}
	return new Customer(id, sessionId, shard, await sessionTokenOf({ sub: id, sid: sessionId }));
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

/** A session token as identity signs it (SECURITY.md, 4). */
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
		return ask<Body>(path, { method: "POST", body, headers: this.headers({ "content-type": "application/json", ...headers }) });
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
	cancellationRequestedAt: string | null;
	comments?: { id: string; createdAt: string; text: string }[];
}

export const tickets = "/api/v1/tickets";
export const brokenTelevision = { device: "Television", category: "television", priority: "normal", text: "It stays dark." };

/** A ticket that the customer has submitted over HTTP. */
export async function givenTicket(customer: Customer, body: object = brokenTelevision): Promise<TicketBody> {
	const answer = await customer.post<TicketBody>(tickets, body);
	if (answer.status !== 202) throw new Error(`no ticket: ${answer.text}`);
	return answer.body;
}

export interface OutboxRow {
	event_id: string;
	destination: string;
	type: string;
	event: string;
}

/** The events of a customer that nobody has confirmed yet, in the order in which they happened. */
export async function outboxOf(customer: Customer): Promise<OutboxRow[]> {
	const text = "select * from outbox where event->>'$.subject' = ? order by created_at, event_id";
	return (await customer.database.prepare(text).bind(customer.id).all<OutboxRow>()).results;
}

/** Inserts tickets of this customer by SQL, received in the milliseconds 1 to `count` after 1970 began. */
export async function newTickets(customer: Customer, count: number): Promise<void> {
	const text = `with recursive n(i) as (select 1 union all select i + 1 from n where i < ?2)
		insert into tickets (id, customer_id, status, created_at, device, category, priority, text, request_digest)
		select printf('tkt_%s%026d', ?3, i), ?1, 'received', i, 'Radio', 'audio', 'low', 'It hums.', '' from n`;
	await customer.database.prepare(text).bind(customer.id, count, customer.shard).run();
}
