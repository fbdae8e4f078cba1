import { periodStart } from "../../../shared/periods.ts";
import { days, hours } from "../../../shared/time.ts";
import { type Circumstances, decide } from "./decide.ts";
import type { Attempt, Customer, PaidPeriod, Period, Subscription, VaultCard } from "./picture.ts";

/** Pictures of one customer for tests of what is decided by them: a plan of 10.00 that began three months ago. */

export const start = Date.UTC(2026, 10, 2, 12);
export const month = (index: number) => periodStart(start, index);
export const now = month(3) + 1 * days;
export const lease = 900_000;

export const contract = (contractId: string) => ({ contractId, contractVersion: 1 });
const priced = (name: string, priceMinor: number, currency = "EUR") => [`${name} 1`, { name, priceMinor, currency }] as const;
export const catalogue = new Map([priced("ten", 1000), priced("four", 400), priced("free", 0), priced("dollars", 1000, "USD")]);

export const plan = (more: Partial<Subscription> = {}): Subscription => ({
	startsAt: start,
	endsAt: null,
	version: 2,
	chargedVersion: 2,
	reopened: 0,
	phases: [{ from: start, lines: [contract("ten")] }],
	...more,
});
export const card: VaultCard = {
	cardId: "crd_1",
	customerId: "cus_1",
	kekId: "k",
	wrappedKey: "w",
	sealedCard: "s",
	brand: "visa",
	last4: "4242",
};
const profile = {
	name: "Ada Example",
	street: null,
	postalCode: null,
	city: null,
	country: null,
	email: "ada@example.test",
	region: "london",
	language: "en" as const,
};
const customer = (more: Partial<Customer> = {}): Customer => ({
	profile,
	subscriptions: [plan()],
	card,
	paid: [],
	adjustmentsSeen: "",
	...more,
});
const period = (more: Partial<Period> = {}): Period => ({
	customerId: "cus_1",
	fromAt: month(3),
	toAt: month(4),
	startsAt: start,
	index: 3,
	state: "due",
	attemptAt: now - 1,
	lookAt: now,
	declines: 0,
	roundAt: null,
	failure: null,
	invoiced: null,
	attempt: null,
	...more,
});
export const attempt = (more: Partial<Attempt> = {}): Attempt => ({
	attemptId: "att_1",
	number: 1,
	state: "unknown",
	startedAt: now - 1 * hours,
	lookups: 1,
	totalMinor: 1,
	currency: "EUR",
	bill: null,
	card: null,
	...more,
});
/** A month of this plan that was paid with tax of a fifth. */
export const paid = (index: number, netMinor = 1000, more: Partial<PaidPeriod> = {}): PaidPeriod => {
	const span = { from: month(index), to: month(index + 1) };
	const tax = { region: "london", basisPoints: 2000, amountMinor: netMinor / 5 };
	return {
		fromAt: span.from,
		toAt: span.to,
		startsAt: start,
		attemptId: `att_${index}`,
		bill: {
			lines: [{ kind: "contract", text: "", period: span, amountMinor: netMinor }],
			netMinor,
			tax,
			totalMinor: netMinor + tax.amountMinor,
			currency: "EUR",
			adjustments: [],
		},
		adjustedMinor: 0,
		refundedNetMinor: 0,
		staffRefundedMinor: 0,
		refundedTaxMinor: 0,
		owedRefunds: 0,
		...more,
	};
};
export const decided = (of: Partial<Period> = {}, who: Partial<Customer> = {}, more: Partial<Circumstances> = {}) =>
	decide(period(of), customer(who), { now, terms: { lease, taxRates: { london: 2000 } }, catalogue, adjusts: true, ...more });

/** Changed since it was charged. */
export const changed = (more: Partial<Subscription> = {}) => plan({ version: 3, ...more });
export const ended = (more: Partial<Subscription> = {}) => changed({ endsAt: month(2), ...more });
