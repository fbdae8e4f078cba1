import { hours } from "../../../shared/time.ts";
import { getInvoice, listInvoices } from "../../../workers/customer/invoices/read-invoices.ts";
import type { Cluster } from "../cluster.ts";
import type { Flow, FlowKind } from "../flow.ts";
import type { Person } from "../people.ts";
import { accountsInTheEnd } from "./payments-accounts.ts";
import { type DuesCount, duesInTheEnd, openBooks } from "./payments-dues.ts";
import { documentsInTheEnd, paymentsAtEveryMoment, refundsInTheEnd } from "./payments-promises.ts";
import { PaymentsStaff } from "./payments-staff.ts";
import { billing, customer } from "./payments-witnesses.ts";
import { PaymentsWork } from "./payments-work.ts";

/** What plans cost: charged, told of, given back. Who signs what, and has which card, is up to the other flows. */
export const payments: FlowKind = { witnesses: { billing, customer }, start: (people) => new PaymentsFlow(people) };

/** What is to be done at billing within hours: a change that came late is made up for with the next period. */
const selectBusy = (now: number) => `
	select 1 where exists (select 1 from periods where look_at <= ${now + 9 * hours})
		or exists (select 1 from attempts where state in ('started', 'unknown'))
		or exists (select 1 from refunds where look_at is not null)
		or exists (select 1 from deliveries where delivered_at is null)`;

class PaymentsFlow implements Flow {
	readonly #people: readonly Person[];
	readonly #counts: DuesCount = { paid: 0, withoutCard: 0, declined: 0, parked: 0, accounts: 0, open: 0 };
	/** By `heardName`. */
	readonly #heardAt = new Map<string, number>();
	readonly #staff = new PaymentsStaff();
	readonly #work = new PaymentsWork();
	#issued = 0;
	#looks = 0;

	constructor(people: readonly Person[]) {
		this.#people = people;
	}

	plan(cluster: Cluster): void {
		const { world, deployments } = cluster;
		this.#work.watch(cluster);
		const name = "new.customer_id || ' ' || new.starts_at || ' ' || new.version";
		for (const database of deployments.billing.databases.values()) {
			const hear = (heard: unknown) => heard && this.#heardAt.set(String(heard), world.now);
			database.watch("insert", "subscriptions", name, hear);
			database.watch("update", "subscriptions", `iif(new.version <> old.version, ${name}, null)`, hear);
		}
	}

	atCron(cluster: Cluster): void {
		this.#staff.look(cluster);
	}

	isBusy(cluster: Cluster): boolean {
		return cluster.rows("billing", selectBusy(cluster.world.now)).length > 0 || cluster.objects.left.length > 0;
	}

	/** Whatever is wrong with a document or a charge stays so: now and then, and in the end, is often enough. */
	always(cluster: Cluster): string[] {
		const rarely = this.#looks++ % 6 === 0 ? paymentsAtEveryMoment(cluster) : [];
		return [...this.#work.always(cluster), ...rarely];
	}

	violations(cluster: Cluster): string[] {
		this.#issued = cluster.rows("billing", "select 1 from invoices").length;
		const books = openBooks(cluster);
		return [
			...this.#staff.inTheEnd(cluster),
			...this.#work.always(cluster),
			...this.#work.inTheEnd(cluster),
			...paymentsAtEveryMoment(cluster),
			...documentsInTheEnd(cluster),
			...refundsInTheEnd(cluster),
			...duesInTheEnd(books, this.#counts),
			...accountsInTheEnd(cluster, books, this.#counts, this.#heardAt),
		];
	}

	/** People see their invoices, each once. */
	async afterwards(cluster: Cluster): Promise<string[]> {
		const found: string[] = [];
		const issued = Map.groupBy(
			cluster.rows<{ invoice_id: string; customer_id: string }>("billing", "select invoice_id, customer_id from invoices"),
			({ customer_id }) => customer_id,
		);
		for (const { customerId } of this.#people) {
			const input = { customerId, cursor: "", limit: 100 };
			const seen = await cluster.request("customer", "a look at the invoices", (ctx) => listInvoices({ ctx, input }));
			const listed = "answer" in seen ? seen.answer.items.map(({ id }) => id) : [];
			const expected = (issued.get(customerId) ?? []).map(({ invoice_id }) => invoice_id);
			if (listed.toSorted().join() !== expected.toSorted().join()) found.push(`${customerId} sees other invoices`);
			const [invoiceId] = listed;
			if (invoiceId === undefined) continue;
			const one = await cluster.request("customer", "a look at an invoice", (ctx) =>
				getInvoice({ ctx, input: { customerId, invoiceId } }),
			);
			if (!("answer" in one) || one.answer.id !== invoiceId) found.push(`${invoiceId} cannot be read`);
		}
		return found;
	}

	checked() {
		return {
			"periods paid": this.#counts.paid,
			"periods that wait for a card": this.#counts.withoutCard,
			"periods to be tried again": this.#counts.declined,
			"periods parked": this.#counts.parked,
			"acknowledged refunds": this.#staff.told.size,
			"parked periods tried again by the staff": this.#staff.retried,
			"documents issued": this.#issued,
			"accounts that come out even": this.#counts.accounts,
			"accounts with a change that is not billed yet": this.#counts.open,
		};
	}
}
