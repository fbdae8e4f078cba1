import { days, hours } from "../../../shared/time.ts";
import type { Cluster } from "../cluster.ts";
import { beginnings, costOf, type OraclePlan } from "./payments-oracle.ts";

const chargeDelay = 24 * hours;
/** The job is started now and then: what came due just now may still wait for it. */
const slack = 6 * hours;
/** After the first attempt of a round. */
const dunning = [3, 5, 7].map((day) => day * days);

interface PlanRow {
	customer_id: string;
	starts_at: number;
	version: number;
	ends_at: number | null;
	phases: string;
	charged_version: number;
}
interface PeriodRow {
	customer_id: string;
	from_at: number;
	starts_at: number;
	state: "due" | "paid" | "parked" | "void";
	attempt_at: number | null;
	look_at: number | null;
	declines: number;
	round_at: number | null;
	failure: string | null;
}
interface AttemptRow {
	attempt_id: string;
	customer_id: string;
	from_at: number;
	number: number;
	state: "started" | "unknown" | "approved" | "declined_soft" | "declined_hard" | "given_up";
	started_at: number;
	settled_at: number | null;
	reason: string | null;
	net_minor: number;
}
interface CardRow {
	customer_id: string;
	card_id: string;
	accepted_at: number;
	changed_at: number;
}
interface SaidRow {
	customer_id: string;
	from_at: number;
	state: "failed" | "recovered";
	reason: string | null;
	next_attempt_at: number | null;
}

const nameOf = ({ customer_id, from_at }: { customer_id: string; from_at: number }) => `${customer_id} ${from_at}`;

/** What billing has come to, read once. */
interface Books {
	readonly now: number;
	readonly plans: readonly (PlanRow & OraclePlan)[];
	readonly periods: ReadonlyMap<string, PeriodRow>;
	readonly attempts: ReadonlyMap<string, readonly AttemptRow[]>;
	/** Verified ones, the newest last. */
	readonly cards: ReadonlyMap<string, readonly CardRow[]>;
	readonly said: ReadonlyMap<string, SaidRow>;
	readonly priceOf: (contractId: string, version: number) => number | undefined;
}

const planOf = (row: PlanRow): PlanRow & OraclePlan => ({
	...row,
	startsAt: row.starts_at,
	endsAt: row.ends_at,
	phases: JSON.parse(row.phases),
});

function openBooks(cluster: Cluster): Books {
	const attempts = cluster.rows<AttemptRow>(
		"billing",
		`select attempt_id, customer_id, from_at, number, state, started_at, settled_at, reason, bill->>'$.netMinor' as net_minor
		from attempts order by number`,
	);
	const cards = cluster.rows<CardRow>(
		"billing",
		"select customer_id, card_id, accepted_at, changed_at from cards where state = 'verified' order by accepted_at, card_id",
	);
	const prices = new Map(
		cluster
			.rows<{ name: string; price: number }>(
				"billing",
				"select contract_id || ' ' || version as name, terms->>'$.price.amountMinor' as price from contract_versions",
			)
			.map(({ name, price }) => [name, price]),
	);
	const named = <Row extends { customer_id: string; from_at: number }>(rows: readonly Row[]) =>
		new Map(rows.map((row) => [nameOf(row), row]));
	return {
		now: cluster.world.now,
		plans: cluster.rows<PlanRow>("billing", "select * from subscriptions").map(planOf),
		periods: named(cluster.rows<PeriodRow>("billing", "select * from periods")),
		attempts: Map.groupBy(attempts, nameOf),
		cards: Map.groupBy(cards, ({ customer_id }) => customer_id),
		said: named(cluster.rows<SaidRow>("customer", "select * from payments")),
		priceOf: (contractId, version) => prices.get(`${contractId} ${version}`),
	};
}

/** What was checked, and how it stood. */
export interface DuesCount {
	paid: number;
	withoutCard: number;
	declined: number;
	parked: number;
	accounts: number;
	carried: number;
}

/** In the end: every period that has come is paid, or there is a reason why not, which its customer knows. */
export function duesInTheEnd(cluster: Cluster, counts: DuesCount): string[] {
	const books = openBooks(cluster);
	const found: string[] = [];
	const explained = new Set<string>();
	for (const plan of books.plans) {
		for (const from of beginnings(plan, books.now)) {
			const name = nameOf({ customer_id: plan.customer_id, from_at: from });
			explained.add(name);
			const period = books.periods.get(name);
			const isOver = from + chargeDelay + slack <= books.now;
			if (isOver && !period) found.push(`${name} has come, and billing does not know it`);
			if (period && isOver) found.push(...asItShouldBe(books, plan, period, counts));
			if (period && !isOver && period.state === "paid" && from + chargeDelay > books.now) found.push(`${name} was charged too early`);
		}
		found.push(...accountOf(cluster, books, plan, counts));
	}
	for (const [name, { from_at, state, starts_at, customer_id }] of books.periods) {
		if (explained.has(name)) continue;
		const plan = books.plans.find((one) => one.customer_id === customer_id && one.starts_at === starts_at);
		const isOfCalendar = plan && beginnings({ ...plan, endsAt: null }, from_at + 1).at(-1) === from_at;
		if (!isOfCalendar) found.push(`${name} is no period of its plan`);
		else if (from_at <= books.now && state === "due") found.push(`${name} is due, and its plan has ended`);
		else if (from_at > books.now && state !== "due") found.push(`${name} is ${state} before it has come`);
	}
	for (const [name, period] of books.periods) found.push(...toldOf(books, name, period));
	return found;
}

function asItShouldBe(books: Books, plan: OraclePlan, period: PeriodRow, counts: DuesCount): string[] {
	const name = nameOf(period);
	const attempts = books.attempts.get(name) ?? [];
	const last = attempts.at(-1);
	const { state, attempt_at: attemptAt, declines, round_at: roundAt } = period;
	if (state === "paid") {
		counts.paid += 1;
		return [];
	}
	if (state === "void") return [`${name} is void, and its plan runs`];
	if (last && ["started", "unknown"].includes(last.state)) return [`${name} has an attempt that is not settled`];
	const newest = books.cards.get(period.customer_id)?.at(-1);
	const hasNewCard = newest !== undefined && newest.changed_at > (last?.started_at ?? -1);
	if (state === "parked") {
		counts.parked += 1;
		const deserved = last?.state === "declined_hard" || (last?.state === "declined_soft" && declines === dunning.length + 1);
		if (!deserved) return [`${name} is parked after ${declines} declines, the last one ${last?.state}`];
		return hasNewCard ? [`${name} is parked, and its customer has another card since`] : [];
	}
	if (attemptAt === null) {
		counts.withoutCard += 1;
		if (newest) return [`${name} waits for a card, and there is one`];
		return period.failure === "no_card" ? [] : [`${name} waits for a card, and nobody said so`];
	}
	if (attemptAt + slack <= books.now) return [`${name} has been due for ${Math.round((books.now - attemptAt) / hours)} hours`];
	if (last?.state === "declined_soft") {
		counts.declined += 1;
		const due = (roundAt ?? 0) + (dunning[declines - 1] ?? Number.NaN);
		return attemptAt === due || hasNewCard ? [] : [`${name} is tried again ${(attemptAt - (roundAt ?? 0)) / days} days after its round began`];
	}
	// whoever entered a card just now, or whom the staff try again
	return hasNewCard || attemptAt > books.now - slack ? [] : [`${name} is due later than it should be`];
}

/** What the customer last heard of a period is how it stands. */
function toldOf({ said }: Books, name: string, { failure, attempt_at, state }: PeriodRow): string[] {
	const heard = said.get(name);
	if (state === "void") return [];
	if (failure === null) return heard?.state === "failed" ? [`${name} is called failed to its customer, and is not`] : [];
	if (heard?.state !== "failed" || heard.reason !== failure) return [`${name} failed for ${failure}, and its customer heard ${heard?.reason ?? heard?.state}`];
	return state === "due" && heard.next_attempt_at !== null && attempt_at !== null && heard.next_attempt_at > attempt_at
		? [`${name} is tried again earlier than its customer knows`]
		: [];
}

/**
 * The whole life of a plan: what was charged for it less what it was owed back is what its periods cost by the version that was
 * charged last. Only a bill that has come to nothing may leave a credit for the next one.
 */
function accountOf(cluster: Cluster, books: Books, plan: PlanRow & OraclePlan, counts: DuesCount): string[] {
	const { customer_id, starts_at, charged_version } = plan;
	const [charged] = cluster
		.rows<PlanRow>("billing", `select *, version as charged_version from plans_heard where customer_id = '${customer_id}' and starts_at = ${starts_at} and version = ${charged_version}`)
		.map(planOf);
	const paid = [...books.periods.values()].filter(
		(period) => period.customer_id === customer_id && period.starts_at === starts_at && period.state === "paid",
	);
	if (paid.length === 0) return [];
	const name = `the plan of ${customer_id} of ${starts_at}`;
	if (!charged) return [`${name} was charged by a version that nobody said`];
	let [cost, net, lastNet] = [0, 0, 0];
	let lastAt = -1;
	for (const period of paid) {
		const price = costOf(charged, period.from_at, books.priceOf);
		if (price === undefined) return [`${name} has a price that nobody knows`];
		cost += price;
		const approved = (books.attempts.get(nameOf(period)) ?? []).filter(({ state }) => state === "approved");
		for (const { net_minor, started_at } of approved) {
			net += net_minor;
			if (started_at > lastAt) [lastAt, lastNet] = [started_at, net_minor];
		}
	}
	counts.accounts += 1;
	const owed = cluster.rows<{ net: number | null }>(
		"billing",
		`select sum(r.net_minor) as net from refunds as r join attempts as a using (attempt_id) join periods as p
			on (p.customer_id, p.from_at) = (a.customer_id, a.from_at)
		where r.requested_by = 'billing' and r.state = 'refunded' and p.customer_id = '${customer_id}' and p.starts_at = ${starts_at}`,
	);
	for (const { net: given } of owed) net -= given ?? 0;
	if (net === cost) return [];
	counts.carried += 1;
	return net > cost && lastNet === 0 ? [] : [`${name} has cost ${net} instead of ${cost}`];
}
