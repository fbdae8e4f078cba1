import type { Database } from "../../../shared/context.ts";
import { periodStart } from "../../../shared/periods.ts";
import { prepare } from "../../../shared/sql.ts";
import { endedByTheNext } from "../subscriptions/get-subscription.ts";
import type { PeriodKey } from "./charges.ts";
import type { Attempt, Catalogue, Customer, PaidPeriod, Period, Subscription, VaultCard } from "./picture.ts";
import { reads } from "./store.ts";

interface OfCustomer {
	readonly customer_id: string;
}
interface SealedRow {
	readonly card_id: string;
	readonly kek_id: string;
	readonly wrapped_key: string;
	readonly sealed_card: string;
}
interface CardRow extends OfCustomer, SealedRow {
	readonly brand: VaultCard["brand"];
	readonly last4: string | null;
}
interface PeriodRow extends OfCustomer {
	readonly from_at: number;
	readonly starts_at: number;
	readonly period_index: number;
	readonly state: Period["state"];
	readonly attempt_at: number | null;
	readonly look_at: number | null;
	readonly declines: number;
	readonly round_at: number | null;
	readonly failure: Period["failure"];
	readonly invoiced: string | null;
	readonly attempt_id: string | null;
}
interface AttemptRow {
	readonly attempt_id: string;
	readonly number: number;
	readonly attempt_state: Attempt["state"];
	readonly started_at: number;
	readonly lookups: number;
	readonly total_minor: number;
	readonly currency: string;
	readonly bill: string | null;
}
interface SubscriptionRow extends OfCustomer {
	readonly starts_at: number;
	readonly version: number;
	readonly ends_at: number | null;
	readonly phases: string;
	readonly charged_version: number;
	readonly reopened: number;
}
interface ContractRow {
	readonly contract_id: string;
	readonly version: number;
	readonly name: string;
	readonly price_minor: number;
	readonly currency: string;
}
interface CustomerRow extends OfCustomer {
	readonly email: string;
	readonly name: string | null;
	readonly street: string | null;
	readonly postal_code: string | null;
	readonly city: string | null;
	readonly country: string | null;
	readonly region: string | null;
	readonly language: NonNullable<Customer["profile"]>["language"];
}
interface PaidRow extends OfCustomer {
	readonly from_at: number;
	readonly starts_at: number;
	readonly period_index: number;
	readonly attempt_id: string;
	readonly bill: string;
	readonly adjusted_minor: number;
	readonly refunded_net_minor: number;
	readonly staff_refunded_minor: number;
	readonly refunded_tax_minor: number;
	readonly owed_refunds: number;
}

/** A page of periods, their customers by id, and what their contracts cost. */
export interface Loaded {
	readonly periods: readonly Period[];
	readonly customers: ReadonlyMap<string, Customer>;
	readonly catalogue: Catalogue;
}

/** Of earlier periods nothing is adjusted any more: the customer's plan does not say of them what was in force. */
export const adjustableSince = (now: number) => periodStart(now, -13);

/** Reads all that decides about these periods, as of one moment. Those that are not there are left out. */
export async function loadPeriods(database: Database, periods: readonly PeriodKey[], now: number): Promise<Loaded> {
	const ids = [...new Set(periods.map(({ customerId }) => customerId))];
	const params = { periods: JSON.stringify(periods), customers: JSON.stringify(ids), since: adjustableSince(now) };
	const results = await database.batch(Object.values(reads).map((read) => prepare(database, read, params)));
	const rowsOf = (read: keyof typeof reads) => results[Object.keys(reads).indexOf(read)]?.results ?? [];
	// each of the shape of its statement
	const cards = byCustomer(rowsOf("cards") as CardRow[]);
	const customers = byCustomer(rowsOf("customers") as CustomerRow[]);
	const paid = byCustomer(rowsOf("paid") as PaidRow[]);
	const subscriptions = byCustomer(rowsOf("subscriptions") as SubscriptionRow[]);
	const seen = byCustomer(rowsOf("seen") as (OfCustomer & { readonly seen: string })[]);
	const contracts = (rowsOf("contracts") as ContractRow[]).map(
		({ contract_id, version, name, price_minor: priceMinor, currency }) =>
			[`${contract_id} ${version}`, { name, priceMinor, currency }] as const,
	);
	const customerOf = (id: string): Customer => ({
		profile: customers.get(id)?.map(profileOf)[0] ?? null,
		subscriptions: subscriptionsOf(subscriptions.get(id) ?? []),
		card: cards.get(id)?.map((row) => vaultCardOf(row, row))[0] ?? null,
		paid: (paid.get(id) ?? []).map(paidOf),
		adjustmentsSeen: seen.get(id)?.[0]?.seen ?? "",
	});
	return {
		periods: (rowsOf("periods") as (PeriodRow & AttemptRow & SealedRow)[]).map(periodOf),
		customers: new Map(ids.map((id) => [id, customerOf(id)])),
		catalogue: new Map(contracts),
	};
}

const byCustomer = <Row extends OfCustomer>(rows: readonly Row[]) => Map.groupBy(rows, ({ customer_id }) => customer_id);

const toAtOf = (row: Pick<PeriodRow, "starts_at" | "period_index">) => periodStart(row.starts_at, row.period_index + 1);

function periodOf(row: PeriodRow & AttemptRow & SealedRow): Period {
	return {
		customerId: row.customer_id,
		fromAt: row.from_at,
		toAt: toAtOf(row),
		startsAt: row.starts_at,
		index: row.period_index,
		state: row.state,
		attemptAt: row.attempt_at,
		lookAt: row.look_at,
		declines: row.declines,
		roundAt: row.round_at,
		failure: row.failure,
		invoiced: row.invoiced === null ? null : JSON.parse(row.invoiced),
		attempt: row.attempt_id === null ? null : attemptOf(row),
	};
}

function attemptOf(row: AttemptRow & SealedRow & OfCustomer): Attempt {
	return {
		attemptId: row.attempt_id,
		number: row.number,
		state: row.attempt_state,
		startedAt: row.started_at,
		lookups: row.lookups,
		totalMinor: row.total_minor,
		currency: row.currency,
		bill: row.bill === null ? null : JSON.parse(row.bill),
		card: row.card_id === null ? null : vaultCardOf(row, { brand: null, last4: null }),
	};
}

function vaultCardOf(row: SealedRow & OfCustomer, { brand, last4 }: Pick<CardRow, "brand" | "last4">): VaultCard {
	const { card_id: cardId, customer_id: customerId, kek_id: kekId, wrapped_key: wrappedKey, sealed_card: sealedCard } = row;
	return { cardId, customerId, kekId, wrappedKey, sealedCard, brand, last4 };
}

function profileOf({ customer_id: _, postal_code: postalCode, ...row }: CustomerRow): NonNullable<Customer["profile"]> {
	return { ...row, postalCode };
}

/** The oldest first, each ended by the next. */
function subscriptionsOf(rows: readonly SubscriptionRow[]): Subscription[] {
	return endedByTheNext(rows.toReversed())
		.toReversed()
		.map((row) => ({
			startsAt: row.starts_at,
			endsAt: row.ends_at,
			version: row.version,
			chargedVersion: row.charged_version,
			reopened: row.reopened,
			phases: JSON.parse(row.phases),
		}));
}

function paidOf(row: PaidRow): PaidPeriod {
	return {
		fromAt: row.from_at,
		toAt: toAtOf(row),
		startsAt: row.starts_at,
		attemptId: row.attempt_id,
		bill: JSON.parse(row.bill),
		adjustedMinor: row.adjusted_minor,
		refundedNetMinor: row.refunded_net_minor,
		staffRefundedMinor: row.staff_refunded_minor,
		refundedTaxMinor: row.refunded_tax_minor,
		owedRefunds: row.owed_refunds,
	};
}
