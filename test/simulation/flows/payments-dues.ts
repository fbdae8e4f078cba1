import { days, hours } from "../../../shared/time.ts";
import type { Cluster } from "../cluster.ts";
import { beginnings, type OraclePlan } from "./payments-oracle.ts";

const chargeDelay = 24 * hours;
/** The job is started now and then: what came due just now may still wait for it. */
const slack = 6 * hours;
/** A bank may take almost two days to answer. */
const mostPending = 54 * hours;
/** After the first attempt of a round. */
const dunning = [3, 5, 7].map((day) => day * days);

export interface PlanRow {
	customer_id: string;
	starts_at: number;
	version: number;
	ends_at: number | null;
	phases: string;
	charged_version: number;
}
export interface PeriodRow {
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
export interface AttemptRow {
	attempt_id: string;
	customer_id: string;
	from_at: number;
	number: number;
	state: "started" | "unknown" | "approved" | "declined_soft" | "declined_hard" | "given_up";
	started_at: number;
	settled_at: number | null;
	reason: string | null;
	net_minor: number;
	/** What it would make up for of earlier periods. */
	adjusted_minor: number;
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

export const nameOf = ({ customer_id, from_at }: { customer_id: string; from_at: number }) => `${customer_id} ${from_at}`;

/** What billing has come to, read once. */
export interface Books {
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

export function openBooks(cluster: Cluster): Books {
	const attempts = cluster.rows<AttemptRow>(
		"billing",
		`select attempt_id, customer_id, from_at, number, state, started_at, settled_at, reason, bill->>'$.netMinor' as net_minor,
			(select coalesce(sum(value->>'$.amountMinor'), 0) from json_each(bill, '$.adjustments')) as adjusted_minor
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
	open: number;
}

/** In the end: every period that has come is paid, or there is a reason why not, which its customer knows. */
export function duesInTheEnd(books: Books, counts: DuesCount): string[] {
	const found: string[] = [];
	const explained = new Set<string>();
	for (const plan of books.plans) {
		for (const from of beginnings(plan, books.now)) {
			const name = nameOf({ customer_id: plan.customer_id, from_at: from });
			explained.add(name);
			const period = books.periods.get(name);
			const isOver = from + chargeDelay + slack <= books.now;
			if (isOver && !period) found.push(`${name} has come, and billing does not know it`);
			if (period && isOver) found.push(...asItShouldBe(books, period, counts));
			if (period && !isOver && period.state === "paid" && from + chargeDelay > books.now)
				found.push(`${name} was charged too early`);
		}
	}
	for (const [name, { from_at, state, starts_at, customer_id }] of books.periods) {
		if (explained.has(name)) continue;
		const plan = books.plans.find((one) => one.customer_id === customer_id && one.starts_at === starts_at);
		const isOfCalendar = plan && beginnings({ ...plan, endsAt: null }, from_at + 1).at(-1) === from_at;
		if (!isOfCalendar) found.push(`${name} is no period of its plan`);
		else if (from_at + chargeDelay + slack <= books.now && state === "due") found.push(`${name} is due, and its plan has ended`);
		else if (from_at > books.now && state !== "due" && !(state === "void" && plan.endsAt !== null && plan.endsAt <= from_at))
			found.push(`${name} is ${state} before it has come`);
	}
	for (const [name, period] of books.periods) found.push(...toldOf(books, name, period));
	return found;
}

function asItShouldBe(books: Books, period: PeriodRow, counts: DuesCount): string[] {
	const name = nameOf(period);
	const attempts = books.attempts.get(name) ?? [];
	const last = attempts.at(-1);
	const { state, attempt_at: attemptAt, declines, round_at: roundAt } = period;
	if (state === "paid") {
		counts.paid += 1;
		return [];
	}
	if (state === "void") return [`${name} is void, and its plan runs`];
	if (last && ["started", "unknown"].includes(last.state)) {
		return last.started_at + mostPending > books.now ? [] : [`${name} has an attempt that is not settled`];
	}
	const newest = books.cards.get(period.customer_id)?.at(-1);
	const hasNewCard = newest !== undefined && newest.changed_at > (last?.started_at ?? -1);
	if (state === "parked") {
		counts.parked += 1;
		// a day that was over when the answer came is left out
		const isLast = (last?.settled_at ?? 0) - (roundAt ?? 0) >= Math.max(...dunning) || declines === dunning.length + 1;
		const deserved = last?.state === "declined_hard" || (last?.state === "declined_soft" && isLast);
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
		const after = attemptAt - (roundAt ?? 0);
		return dunning.includes(after) || hasNewCard ? [] : [`${name} is tried again ${after / days} days after its round began`];
	}
	// whoever entered a card just now, or whom the staff try again
	return hasNewCard || attemptAt > books.now - slack ? [] : [`${name} is due later than it should be`];
}

/** What the customer last heard of a period is how it stands. */
function toldOf({ said }: Books, name: string, { failure, attempt_at, state }: PeriodRow): string[] {
	const heard = said.get(name);
	if (state === "void" || failure === null)
		return heard?.state === "failed" ? [`${name} is called failed to its customer, and is not`] : [];
	if (heard?.state !== "failed" || heard.reason !== failure)
		return [`${name} failed for ${failure}, and its customer heard ${heard?.reason ?? heard?.state}`];
	return state === "due" && heard.next_attempt_at !== null && attempt_at !== null && heard.next_attempt_at > attempt_at
		? [`${name} is tried again earlier than its customer knows`]
		: [];
}
