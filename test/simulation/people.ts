import { regions } from "../../shared/events/customer.ts";
import { idOf } from "../../shared/ids.ts";
import { days, minutes } from "../../shared/time.ts";
import type { Cluster } from "./cluster.ts";
import type { SqliteDatabase } from "./sqlite-d1.ts";

const refusals = {
	"in order": undefined,
	"without a plan": "no_active_plan",
	incomplete: "profile_incomplete",
	"signed out": "session_revoked",
} as const;
const kinds = ["in order", "in order", "in order", "in order", "without a plan", "incomplete", "signed out"] as const;

/** A customer with a session, in one of the situations that matter to whoever wants something. */
export interface Person {
	readonly customerId: string;
	readonly sessionId: string;
	/** How it is at the beginning. */
	readonly kind: (typeof kinds)[number];
	/** All the names that the profile has had. */
	readonly names: string[];
	/** The problems that a request may be answered with by now. */
	readonly mayHear: Set<string>;
	/** Until when the session can be used at all, in virtual time. */
	sessionEnds: number;
}

const regionOf = (index: number) => regions[index % 3] ?? regions[0];

/** SQL of a witness: which session is whose, so that triggers can tell. */
export const peopleWitness = "create table sessions_of (customer_id text primary key, session_id text);";

/** As signing up does, in the outbox: of the customer `?3`, under the id `?1`. */
const toldBilling = `
	insert into outbox (event_id, destination, type, event, attempts, first_delay, next_attempt_at, created_at)
	select ?1, 'billing', 'CustomerChanged', json_object('specversion', '1.0', 'id', ?1, 'source', 'customer', 'type', 'CustomerChanged',
		'subject', customer_id, 'time', '2026-01-01T00:00:00.000Z', 'dataschema', 'urn:sysops-squad:CustomerChanged:1',
		'correlationid', 'at-the-beginning', 'traceparent', '00-' || printf('%032d', 1) || '-' || printf('%016d', 1) || '-01',
		'version', '1', 'data', json_object('email', email, 'name', name, 'street', street, 'postalCode', postal_code, 'city', city,
			'country', country, 'region', region, 'language', language)), 0, 300000, ?2, ?2
	from profiles where customer_id = ?3`;

/** Signs customers up, straight into their shards: so many, of these kinds in turn. */
export function createPeople(
	{ world, deployments }: Cluster,
	count: number,
	ofKinds: readonly Person["kind"][] = kinds,
): Person[] {
	const shards = [...deployments.customer.databases];
	return Array.from({ length: count }, (_, index) => {
		const [shard, database] = shards[index % shards.length] ?? [];
		if (!shard || !database) throw new Error("the customer Worker has no shards");
		const kind = ofKinds[index % ofKinds.length] ?? "in order";
		const refusal = refusals[kind];
		const person: Person = {
			customerId: idOf("cus", shard, world.random.bytes(16)),
			sessionId: idOf("ses", shard, world.random.bytes(16)),
			kind,
			names: [`Customer ${index}`],
			mayHear: new Set(refusal === undefined ? [] : [refusal]),
			sessionEnds: Infinity,
		};
		const { customerId, sessionId, names } = person;
		const phone = kind === "incomplete" ? null : "+49 30 5550100";
		const [byEmail, bySms] = [Number(world.random.chance(0.8)), Number(world.random.chance(0.4))];
		const profile = `insert into profiles (customer_id, name, street, postal_code, city, country, region, phone, email, notify_by_email, notify_by_sms, version)
			values (?, ?, 'Main Street 1', '10115', 'Berlin', 'DE', ?, ?, 'somebody@people.example', ?, ?, 1)`;
		database.all(profile, customerId, names[0] ?? null, regionOf(index), phone, byEmail, bySms);
		database.all(toldBilling, idOf("evt", shard, world.random.bytes(16)), world.now, customerId);
		database.all(
			"insert into plans (customer_id, starts_at, ends_at) values (?, 0, ?)",
			customerId,
			kind === "without a plan" ? world.now - 1 : null,
		);
		database.all("insert into sessions_of values (?, ?)", customerId, sessionId);
		if (kind === "signed out") signOut(world.now, person, database);
		return person;
	});
}

/** What happens to customers while they ask for things: a sign-out, the end of a plan from before contracts. */
export function planLives({ world, deployments }: Cluster, people: readonly Person[], until: number): void {
	const { random } = world;
	for (const person of people.filter(({ kind }) => kind === "in order")) {
		const database = deployments.customer.databases.get(person.customerId.slice(4, 6));
		if (!database) continue;
		const sometime = () => random.between(world.now, random.chance(0.7) ? world.now + 20 * minutes : until);
		if (random.chance(0.1)) world.at(sometime(), () => signOut(world.now, person, database));
		if (random.chance(0.1)) world.at(sometime(), () => endPlan(world.now, person, database));
	}
}

/** Who leaves while something is underway. */
export function leave({ world, deployments }: Cluster, person: Person): void {
	const database = deployments.customer.databases.get(person.customerId.slice(4, 6));
	if (database && !person.mayHear.has("session_revoked")) signOut(world.now, person, database);
}

/** A session is over after a week anyway, and what is known of its end is then forgotten. */
function signOut(now: number, person: Person, database: SqliteDatabase): void {
	if (person.sessionEnds !== Infinity) return; // signed out before
	person.mayHear.add("session_revoked");
	person.sessionEnds = now + 7 * days;
	database.all("insert into revoked_sessions values (?, ?)", person.sessionId, now);
}

function endPlan(now: number, person: Person, database: SqliteDatabase): void {
	person.mayHear.add("no_active_plan");
	database.all("update plans set ends_at = ? where customer_id = ? and phases = '[]'", now, person.customerId);
}
