import { retryPeriod } from "../../../workers/billing/payments/retry-period.ts";
import { requestRefund } from "../../../workers/billing/refunds/request-refund.ts";
import { retryFailedRefund } from "../../../workers/billing/refunds/retry-refund.ts";
import type { Cluster } from "../cluster.ts";
import { insist } from "../insist.ts";

const actor = { email: "helpdesk@squad.example", role: "helpdesk" } as const;

/** What somebody of the staff may rightly hear: somebody else was faster, or there is nothing to be given back from. */
const mayHear = ["not_refundable", "refund_too_large", "too_many_refunds", "not_failed", "period_not_parked", "unavailable"];

/** Who looks at invoices, and gives back some of what was paid. */
export class PaymentsStaff {
	readonly wrongAnswers: string[] = [];
	/** Refunds that somebody was told of, with what is given back. */
	readonly told = new Map<string, number>();
	retried = 0;
	#turn = 0;

	look(cluster: Cluster): void {
		const { random } = cluster.world;
		if (random.chance(0.08)) void this.#gives(cluster);
		if (random.chance(0.04)) void this.#triesAgain(cluster);
		if (random.chance(0.04)) void this.#retries(cluster);
	}

	/** All of an invoice, or a part, now and then more than there is; two may do so at the same time. */
	async #gives(cluster: Cluster): Promise<void> {
		const { random } = cluster.world;
		const issued = cluster.rows<{ id: string; total: number }>(
			"billing",
			"select invoice_id as id, total_minor as total from invoices where kind = 'invoice' order by issued_at, invoice_id",
		);
		const invoice = issued[random.between(0, issued.length)];
		if (!invoice) return;
		const parts = [undefined, invoice.total, Math.ceil(invoice.total / 3), Math.ceil(invoice.total / 2), invoice.total + 1];
		const two = random.chance(0.2) ? 2 : 1;
		for (let i = 0; i < two; i++) {
			const amountMinor = parts[random.between(0, parts.length)];
			const of = amountMinor === undefined || amountMinor === 0 ? {} : { amountMinor };
			const input = { actor, invoiceId: invoice.id, idempotencyKey: `refund-${this.#turn++}`, reason: "We were late.", ...of };
			void this.#asks(cluster, `${invoice.id} is given back`, (ctx) => requestRefund({ ctx, input }));
		}
	}

	async #triesAgain(cluster: Cluster): Promise<void> {
		const [failed] = cluster.rows<{ id: string }>(
			"billing",
			"select refund_id as id from refunds where state = 'failed' limit 1",
		);
		if (!failed) return;
		const input = { actor, refundId: failed.id };
		await this.#asks(cluster, `${failed.id} is tried again`, (ctx) => retryFailedRefund({ ctx, input }));
	}

	async #retries(cluster: Cluster): Promise<void> {
		const text = "select customer_id as customerId, from_at as fromAt from periods where state = 'parked' limit 1";
		const [parked] = cluster.rows<{ customerId: string; fromAt: number }>("billing", text);
		if (!parked) return;
		const input = { actor, ...parked };
		const what = `a parked period of ${parked.customerId} is tried again`;
		this.#check(what, await insist(cluster, what, (ctx) => retryPeriod({ ctx, input }), { worker: "billing" }));
		this.retried += 1;
	}

	async #asks(cluster: Cluster, what: string, verb: Parameters<typeof cluster.request<Refund>>[2]): Promise<void> {
		const answer = await insist(cluster, what, verb, { worker: "billing" });
		if (answer && "answer" in answer) this.told.set(answer.answer.id, answer.answer.amountMinor);
		this.#check(what, answer);
	}

	#check(what: string, answer: object | undefined): void {
		if (!answer || !("problem" in answer) || mayHear.includes(String(answer.problem))) return;
		this.wrongAnswers.push(`${what}: ${answer.problem}`);
	}

	/** What somebody was told of is there, over that amount. */
	inTheEnd(cluster: Cluster): string[] {
		const amounts = new Map(
			cluster
				.rows<{ id: string; amount: number }>("billing", "select refund_id as id, net_minor + tax_minor as amount from refunds")
				.map(({ id, amount }) => [id, amount]),
		);
		const lost = [...this.told].filter(([id, amount]) => amounts.get(id) !== amount);
		return [...this.wrongAnswers, ...lost.map(([id, amount]) => `${id} was told of over ${amount} and is ${amounts.get(id)}`)];
	}
}

interface Refund {
	readonly id: string;
	readonly amountMinor: number;
}
