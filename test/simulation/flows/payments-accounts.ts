import { hours } from "../../../shared/time.ts";
import type { Cluster } from "../cluster.ts";
import { least } from "../fake-payments.ts";
import { type AttemptRow, type Books, type DuesCount, nameOf, type PlanRow } from "./payments-dues.ts";
import { costOf, type OraclePlan } from "./payments-oracle.ts";

/** When billing heard of each version of a plan, the last time if it was put back: customer, start and version. */
export type HeardAt = ReadonlyMap<string, number>;
const heardName = (customerId: string, startsAt: number, version: number) => `${customerId} ${startsAt} ${version}`;

interface RefundRow {
	customer_id: string;
	net: number;
	owed: number;
}
/** What the staff wanted to give back, and the provider has refused. */
interface RefusedRow {
	customer_id: string;
	net_minor: number;
	settled_at: number;
}

/**
 * The whole life of a customer: what was charged less what was given back is what the paid periods cost by the plans as they are in
 * the end. A change that billing heard of only after its last charge waits for the next one, and a credit may be more than a
 * bill can take. What the provider cannot give back is the staff's to give.
 */
export function accountsInTheEnd(cluster: Cluster, books: Books, counts: DuesCount, heardAt: HeardAt): string[] {
	const refunds = Map.groupBy(
		cluster.rows<RefundRow>(
			"billing",
			`select customer_id, sum(net_minor) as net, requested_by = 'billing' as owed from refunds
			where state = 'refunded' or (state = 'failed' and requested_by = 'billing') group by 1, 3`,
		),
		({ customer_id }) => customer_id,
	);
	const refused = cluster.rows<RefusedRow>(
		"billing",
		"select customer_id, net_minor, settled_at from refunds where state = 'failed' and requested_by <> 'billing'",
	);
	const found: string[] = [];
	for (const [customerId, plans] of Map.groupBy(books.plans, ({ customer_id }) => customer_id)) {
		const attempts = [...books.attempts.values()].flat().filter((one) => one.customer_id === customerId);
		const approved = attempts.filter(({ state }) => state === "approved");
		if (approved.length === 0) continue;
		const cost = costInTheEnd(books, plans, approved);
		if (cost === undefined) {
			found.push(`${customerId} has paid for something whose price nobody knows`);
			continue;
		}
		const ofCustomer = refunds.get(customerId) ?? [];
		const charged = approved.reduce((sum, { net_minor }) => sum + net_minor, 0);
		const owed = ofCustomer.find((row) => row.owed === 1)?.net ?? 0;
		const goodwill = ofCustomer.find((row) => row.owed === 0)?.net ?? 0;
		counts.accounts += 1;
		if (charged - owed === cost) continue;
		const more = charged - owed - cost;
		const over = more > 0 ? Math.max(more - goodwill, 0) : more;
		const isOpen =
			mayBeOpen(books, plans, attempts, { heardAt, refused, over }) ||
			(goodwill > 0 && charged - owed - goodwill <= cost && charged - owed > cost);
		if (isOpen) counts.open += 1;
		else found.push(`${customerId} has paid ${charged} and got back ${owed} for what costs ${cost}`);
	}
	return found;
}

function costInTheEnd(
	books: Books,
	plans: readonly (PlanRow & OraclePlan)[],
	approved: readonly AttemptRow[],
): number | undefined {
	let cost = 0;
	for (const { customer_id, from_at } of approved) {
		const period = books.periods.get(nameOf({ customer_id, from_at }));
		const plan = plans.find(({ starts_at }) => starts_at === period?.starts_at);
		const price = plan && costOf(plan, from_at, books.priceOf);
		if (price === undefined) return undefined;
		cost += price;
	}
	return cost;
}

const whenVoid = 30 * hours;

/**
 * Something was heard, or found to have been paid after all, after the last charge began, or that one had no room for all that
 * was to be credited; or what the staff wanted to give back, and was not owed therefore, was refused since; or what another attempt
 * would have made up for then, which was declined since. Whatever waits, billing knows that plans are to be compared. `over`: what
 * was paid too much, below 0 too little. When the plan is over the former is given back, and waits for nothing.
 */
function mayBeOpen(
	{ now }: Books,
	plans: readonly PlanRow[],
	attempts: readonly AttemptRow[],
	{ heardAt, refused, over }: { heardAt: HeardAt; refused: readonly RefusedRow[]; over: number },
): boolean {
	const approved = attempts.filter(({ state }) => state === "approved");
	const last = approved.toSorted((a, b) => a.started_at - b.started_at).at(-1);
	const isOver = plans.every(({ ends_at }) => ends_at !== null && ends_at + whenVoid <= now);
	if (!last || (isOver && over > 0)) return false;
	if (plans.every(({ version, charged_version }) => version === charged_version)) return false;
	const isFull = (one: AttemptRow) => one.started_at === last.started_at && one.net_minor <= least; // several may begin at once
	if (approved.some(isFull) && over > 0) return true;
	const isHeardSince = (then: number) =>
		plans.some(({ customer_id, starts_at, version }) => (heardAt.get(heardName(customer_id, starts_at, version)) ?? 0) >= then);
	const isFoundLate = (one: AttemptRow) => one !== last && (one.settled_at ?? 0) >= last.started_at;
	const since = refused.filter(
		({ customer_id, settled_at }) => customer_id === last.customer_id && settled_at >= last.started_at,
	);
	if (over > 0 && over <= since.reduce((sum, { net_minor }) => sum + net_minor, 0)) return true;
	const isReleasedSince = (one: AttemptRow) =>
		one.state !== "approved" && one.started_at <= last.started_at && (one.settled_at ?? 0) >= last.started_at;
	const released = attempts.filter(isReleasedSince).reduce((sum, { adjusted_minor }) => sum + adjusted_minor, 0);
	if (over * released < 0 && Math.abs(over) <= Math.abs(released)) return true;
	return isHeardSince(last.started_at) || approved.some((one) => isFoundLate(one) && isHeardSince(one.started_at));
}
