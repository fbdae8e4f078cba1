import type { Invoice } from "../events/billing.ts";
import { idOf, type Shard } from "../ids.ts";
import { days } from "../time.ts";
import { newId } from "./fixtures.ts";

export const someSeller: Invoice["seller"] = {
	name: "Penultimate Electronics",
	street: "1 Repair Way",
	postalCode: "10115",
	city: "Berlin",
	country: "DE",
	taxId: "DE000000000",
	email: "billing@penultimate.example",
};

export const someBuyer: Invoice["buyer"] = {
	name: "Ada Example",
	street: "1 Analytical Way",
	postalCode: "N1 9GU",
	city: "London",
	country: "GB",
	email: "ada@example.test",
};

export const somePeriod = { from: Date.UTC(2026, 0, 31), to: Date.UTC(2026, 1, 28) };

/** An invoice of a month of television for 10.00 and 19 % of tax, unless told otherwise. */
export function someInvoice(given: Partial<Invoice> = {}): Invoice {
	const { netMinor = 1000, tax = { region: "south", basisPoints: 1900, amountMinor: 190 } } = given;
	return {
		invoiceId: newId("inv", "00"),
		kind: "invoice",
		number: "INV-00-000001",
		issuedAt: somePeriod.from + days,
		seller: someSeller,
		buyer: someBuyer,
		period: somePeriod,
		lines: [{ kind: "contract", text: "Television Care", period: somePeriod, amountMinor: netMinor }],
		currency: "EUR",
		netMinor,
		tax,
		totalMinor: netMinor + tax.amountMinor,
		card: { brand: "visa", last4: "4242" },
		corrects: null,
		language: "en",
		...given,
	};
}

interface GivenPaid {
	customerId?: string;
	invoice?: Partial<Invoice>;
	attempt?: Readonly<Record<string, string | number | null>>;
	/** In its series. */
	number?: number;
}

/** What has been charged and invoiced in a shard of billing, as the payment job would have left it. */
export async function givenPaid(database: D1Database, shard: Shard, given: GivenPaid = {}) {
	const attemptId = idOf("att", shard, crypto.getRandomValues(new Uint8Array(16)));
	const { customerId = newId("cus", shard), number = 1 } = given;
	const invoiceId = `inv_${attemptId.slice(4)}`;
	const invoice = someInvoice({ invoiceId, number: `INV-${shard}-${String(number).padStart(6, "0")}`, ...given.invoice });
	const attempt = {
		attempt_id: attemptId,
		customer_id: customerId,
		from_at: invoice.period.from + number,
		number: 1,
		state: "approved",
		started_at: invoice.issuedAt,
		settled_at: invoice.issuedAt,
		total_minor: invoice.totalMinor,
		currency: invoice.currency,
		bill: "{}",
		charge_ref: `charge of ${attemptId}`,
		started_run: "",
		...given.attempt,
	};
	const row = {
		invoice_id: invoiceId,
		kind: invoice.kind,
		number,
		customer_id: customerId,
		issued_at: invoice.issuedAt,
		payment_id: attemptId,
		currency: invoice.currency,
		total_minor: invoice.totalMinor,
		document: JSON.stringify(invoice),
		run: "",
	};
	await database.batch([insert(database, "attempts", attempt), insert(database, "invoices", row)]);
	return { customerId, attemptId, invoiceId, invoice };
}

/** A refund of a charge, due since it was asked for. */
export async function givenRefund(
	database: D1Database,
	{ customerId, attemptId }: { customerId: string; attemptId: string },
	more: Readonly<Record<string, string | number | null>> = {},
): Promise<string> {
	const refundId = newId("rfd", customerId.slice(4, 6));
	const row = {
		refund_id: refundId,
		customer_id: customerId,
		attempt_id: attemptId,
		state: "due",
		requested_at: 0,
		requested_by: "billing",
		reason: "The plan had ended.",
		net_minor: 1000,
		tax_minor: 190,
		currency: "EUR",
		look_at: 0,
		request_digest: "",
		...more,
	};
	await insert(database, "refunds", row).run();
	return refundId;
}

function insert(database: D1Database, table: string, row: Readonly<Record<string, string | number | null>>) {
	const names = Object.keys(row);
	const text = `insert into ${table} (${names.join(", ")}) values (${names.map(() => "?").join(", ")})`;
	return database.prepare(text).bind(...Object.values(row));
}

interface AskedRefund {
	readonly refundId: string;
	readonly chargeRef: string;
	readonly amountMinor: number;
	readonly currency: string;
	readonly startedAt: number;
}
type Outcome = { readonly outcome: "refunded"; readonly ref: string } | { readonly outcome: "refused" | "pending" };

/** `lost`: it is done, but the answer never comes. `down`: nothing is done. */
type Mood = "refunded" | "refused" | "pending" | "lost" | "down";

/** A payment provider that remembers what it has done, and for a while under which key: more than one entry of a refund is too many. */
export class RefundingProvider {
	/** All that was ever given back, or refused. */
	readonly ledger: (AskedRefund & { outcome: Outcome["outcome"] })[] = [];
	readonly calls: string[] = [];
	/** What becomes of the next ones. */
	mood: (refund: AskedRefund) => Mood = () => "refunded";
	/** Where a look-up does not find it yet. */
	hidden = false;
	/** Before it answers. */
	before: () => Promise<void> | void = () => {};
	readonly #keys = new Map<string, number>();

	/** A day later. */
	forgetKeys(): void {
		this.#keys.clear();
	}

	given(): AskedRefund[] {
		return this.ledger.filter(({ outcome }) => outcome === "refunded");
	}

	async refund(refund: AskedRefund): Promise<Outcome> {
		this.calls.push(`refund ${refund.refundId}`);
		await this.before();
		const mood = this.mood(refund);
		if (mood === "down") throw new Error("the provider is down");
		const known = this.#keys.get(refund.refundId);
		const at = known ?? this.ledger.push({ ...refund, outcome: mood === "lost" ? "refunded" : mood }) - 1;
		this.#keys.set(refund.refundId, at);
		if (mood === "lost") throw new Error("the answer was lost");
		return this.#outcomeAt(at);
	}

	async findRefund({ refundId }: AskedRefund): Promise<Outcome | undefined> {
		this.calls.push(`look up ${refundId}`);
		await this.before();
		if (this.mood({ refundId, chargeRef: "", amountMinor: 0, currency: "", startedAt: 0 }) === "down") {
			throw new Error("the provider is down");
		}
		const at = this.hidden ? -1 : this.ledger.findIndex((entry) => entry.refundId === refundId);
		return at === -1 ? undefined : this.#outcomeAt(at);
	}

	#outcomeAt(at: number): Outcome {
		const outcome = this.ledger[at]?.outcome ?? "pending";
		return outcome === "refunded" ? { outcome, ref: `refund ${at}` } : { outcome };
	}
}
