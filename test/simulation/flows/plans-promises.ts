import type { WantedLine } from "../../../workers/customer/plans/schemas.ts";
import type { Cluster } from "../cluster.ts";

/** What people may rightly expect in the end. More than one thing where they do not know which of it was heard last. */
export interface Expected {
	/** By customer, as `wishOf` has it. */
	readonly wishes: Map<string, Set<string>>;
	readonly names: Map<string, Set<string>>;
	readonly emails: Map<string, Set<string>>;
}

/** A wish in one word, whatever its order; that of a plan which nobody has signed is `never`. */
export const wishOf = (lines: readonly WantedLine[]) =>
	lines
		.map(({ contractId, version }) => `${contractId} ${version}`)
		.sort()
		.join();
export const never = "never";

/** A line that was neither on offer at this price when it was signed, nor signed before. */
const unexplained = (signedBefore: string) => `exists (
	select 1 from json_each(new.phases) as phase, json_each(phase.value, '$.lines') as line
	where not exists (select 1 from contract_versions as c where c.offered and c.contract_id = line.value->>'$.contractId'
			and c.version = line.value->>'$.contractVersion'
			and c.terms->>'$.price.amountMinor' = line.value->>'$.priceMinor')
		and line.value not in (${signedBefore}))`;
const signedBefore = `select other.value from json_each(old.phases) as before, json_each(before.value, '$.lines') as other`;

/** Notes the newest picture of every plan that there ever was, by its start. */
const remember = `
	delete from plans_said where customer_id = new.customer_id and starts_at = new.starts_at;
	insert into plans_said values (new.customer_id, new.starts_at, new.version, new.ends_at,
		(select json_group_array(json_object('from', phase.value->'$.from', 'lines', (
			select json_group_array(json_object('contractId', line.value->>'$.contractId', 'contractVersion', line.value->'$.contractVersion'))
			from json_each(phase.value, '$.lines') as line))) from json_each(new.phases) as phase));`;

const risesIn = (table: string, what: string) => `create trigger ${table}_went_back after update on ${table}
	when new.version < old.version or (new.version = old.version and (${what}))
	begin insert into violations values ('a version went back in ${table}: ' || new.customer_id); end;`;

const unknown = `exists (
	select 1 from json_each(new.phases) as phase, json_each(phase.value, '$.lines') as line
	where not exists (select 1 from contract_versions as c where c.contract_id = line.value->>'$.contractId'
		and c.version = line.value->>'$.contractVersion'))`;
const sayUnknown = "insert into violations values ('billing has a plan whose price it does not know: ' || new.customer_id);";

export const witnesses = {
	customer: `create table plans_said (customer_id text, starts_at int, version int, ends_at int, phases text);
		create trigger plan_begun after insert on plans when new.phases <> '[]' begin ${remember} end;
		create trigger plan_changed after update on plans when new.phases <> '[]' begin ${remember} end;
		create trigger plan_unexplained after update on plans when ${unexplained(signedBefore)}
		begin insert into violations values ('a line was signed that was not on offer: ' || new.customer_id); end;
		create trigger signed_out_plan after update of phases on plans
		when exists (select 1 from revoked_sessions join sessions_of using (session_id) where customer_id = new.customer_id)
		begin insert into violations values ('a plan was changed without a session: ' || new.customer_id); end;
		${risesIn("plans", "new.phases <> old.phases")}
		${risesIn("profiles", "new.name is not old.name or new.email <> old.email")}`,
	billing: `create trigger subscription_unknown after insert on subscriptions when ${unknown} begin ${sayUnknown} end;
		create trigger subscription_came_to_be_unknown after update of phases on subscriptions when ${unknown} begin ${sayUnknown} end;
		${risesIn("subscriptions", "new.phases <> old.phases or new.ends_at is not old.ends_at")}
		${risesIn("customers", "new.name is not old.name or new.email <> old.email")}`,
};

interface Picture {
	customer_id: string;
	starts_at: number;
	version: number;
	ends_at: number | null;
	phases: string;
}
const selectSaid = "select customer_id, starts_at, version, ends_at, phases from plans_said";
const selectHeard = "select customer_id, starts_at, version, ends_at, phases from subscriptions";
const name = ({ customer_id, starts_at, version }: Picture) => `${customer_id} ${starts_at} ${version}`;

/** At every moment: billing has the newest picture of every plan, or an event waits that brings it. */
export function plansAtEveryMoment(cluster: Cluster): string[] {
	const heard = new Set(cluster.rows<Picture>("billing", selectHeard).map(name));
	const events = `select event->>'$.subject' as customer_id, event->'$.data.startsAt' as starts_at, event->>'$.version' as version
		from outbox where type = 'PlanChanged'`;
	const waiting = new Set(cluster.rows<Picture>("customer", events).map(name));
	const lost = cluster.rows<Picture>("customer", selectSaid).filter((one) => !heard.has(name(one)) && !waiting.has(name(one)));
	return lost.map((one) => `plan ${name(one)} is not at billing and no event waits`);
}

interface ProfileRow {
	customer_id: string;
	version: number;
	name: string;
	email: string;
}

/** In the end: billing has every plan and every customer as they were said last, and they are what people were told. */
export function plansInTheEnd(cluster: Cluster, expected: Expected): string[] {
	const text = (picture: Picture) => `${name(picture)} ${picture.ends_at} ${picture.phases}`;
	const heard = new Set(cluster.rows<Picture>("billing", selectHeard).map(text));
	const said = cluster.rows<Picture>("customer", selectSaid);
	const found = said.filter((one) => !heard.has(text(one))).map((one) => `plan ${name(one)} is another one at billing`);
	if (heard.size > said.length) found.push("billing has a plan that nobody signed");
	for (const [id, ofOne] of Map.groupBy(said, ({ customer_id }) => customer_id)) {
		const inOrder = ofOne.toSorted((a, b) => a.starts_at - b.starts_at);
		const overlaps = ({ ends_at }: Picture, i: number) => (ends_at ?? Infinity) > (inOrder[i + 1]?.starts_at ?? Infinity);
		if (inOrder.some(overlaps)) found.push(`${id} has two plans at the same time`);
	}

	const plans = "select customer_id, starts_at, version, ends_at, phases from plans";
	for (const { customer_id, ends_at, phases } of cluster.rows<Picture>("customer", plans)) {
		const wishes = expected.wishes.get(customer_id);
		if (wishes && !wishes.has(wishIn(ends_at, phases))) found.push(`${customer_id} was told of another plan`);
	}
	const profiles = "select customer_id, version, name, email from";
	const invoiced = new Set(cluster.rows<ProfileRow>("billing", `${profiles} customers`).map((row) => JSON.stringify(row)));
	for (const row of cluster.rows<ProfileRow>("customer", `${profiles} profiles`)) {
		const { customer_id: id } = row;
		if (row.version > 0 && !invoiced.has(JSON.stringify(row))) found.push(`${id} is another one at billing`);
		if (expected.names.get(id)?.has(row.name) === false) found.push(`${id} was told of another name than ${row.name}`);
		if (expected.emails.get(id)?.has(row.email) === false) found.push(`${id} has an older e-mail address`);
	}
	return found;
}

/** What is to hold in the end, out of a row. */
function wishIn(endsAt: number | null, phases: string): string {
	const all: { lines: { contractId: string; contractVersion: number }[] }[] = JSON.parse(phases);
	const last = all.at(-1);
	if (!last) return never;
	return wishOf(endsAt === null ? last.lines.map(({ contractId, contractVersion: version }) => ({ contractId, version })) : []);
}
