import * as v from "valibot";
import type { Ctx } from "../../../shared/context.ts";
import { PlanChanged } from "../../../shared/events/customer.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { prepare } from "../../../shared/sql.ts";
import { selectCustomer, selectSubscriptions } from "./store.ts";

interface SubscriptionRow {
	readonly starts_at: number;
	readonly ends_at: number | null;
	readonly version: number;
	readonly phases: string;
}

interface CustomerRow {
	readonly email: string;
	readonly name: string | null;
	readonly street: string | null;
	readonly postal_code: string | null;
	readonly city: string | null;
	readonly country: string | null;
	readonly region: string | null;
	readonly language: string;
}

const { phases: Phases } = PlanChanged.entries;

/**
 * What is to be charged to a customer, and to whom the invoice is written: the newest 20 subscriptions, as the customer
 * Worker said it. Throws `not_found` for somebody of whom billing has heard nothing.
 */
export async function getSubscription({ ctx, input }: { ctx: Ctx; input: { customerId: string } }) {
	const { customerId } = input;
	const shard = ctx.databases.locate(customerId);
	if (shard === undefined) throw new Problem("not_found");
	const database = ctx.databases.get(shard);
	const [subscriptions, customers] = await database.batch([
		prepare(database, selectSubscriptions, input),
		prepare(database, selectCustomer, input),
	]);
	const rows = (subscriptions?.results ?? []) as unknown as SubscriptionRow[]; // the shape of `selectSubscriptions`
	const customer = customers?.results[0] as CustomerRow | undefined; // of `selectCustomer`
	if (rows.length === 0 && !customer) throw new Problem("not_found");
	return {
		customerId,
		customer: customer ? customerOf(customer) : null,
		subscriptions: endedByTheNext(rows).map(subscriptionOf),
	};
}

/**
 * A customer has one plan at a time. Where the end of an older one never came, as when a customer's shard was put back to
 * before its plan, the beginning of the next is its end: nobody pays for two. `rows` with the newest first.
 */
export function endedByTheNext<Row extends Pick<SubscriptionRow, "starts_at" | "ends_at">>(rows: readonly Row[]): Row[] {
	return rows.map((row, i) => {
		const next = rows[i - 1]?.starts_at ?? null;
		return next === null || (row.ends_at ?? Infinity) <= next ? row : { ...row, ends_at: next };
	});
}

function customerOf({ postal_code: postalCode, ...row }: CustomerRow) {
	return { ...row, postalCode };
}

/** Times leave as ISO 8601 instants. */
function subscriptionOf({ starts_at, ends_at, version, phases }: SubscriptionRow) {
	return {
		startsAt: instant(starts_at),
		endsAt: ends_at === null ? null : instant(ends_at),
		version,
		phases: v.parse(Phases, JSON.parse(phases)).map(({ from, lines }) => ({ from: instant(from), lines })),
	};
}

const instant = (at: number) => new Date(at).toISOString();
