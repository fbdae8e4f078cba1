import { vi } from "vitest";

interface Card {
	readonly cardId: string;
	readonly customerId: string;
}
interface Asked {
	readonly attemptId: string;
	readonly amountMinor: number;
	readonly currency: string;
}
interface Charged {
	readonly outcome: "approved";
	readonly ref: string;
	readonly amountMinor: number;
	readonly currency: string;
}
interface Returned {
	readonly refundId: string;
}

/** Billing's payment provider, in memory: it takes every card and approves every charge and refund, once for each id, unless told. */
export class Payments {
	/** Every call rejects. */
	away = false;
	/** Numbers of cards that it does not take. */
	readonly declines = new Set<string>();
	/** The cards and payments that it was asked for, in order; repetitions too. */
	readonly asked: string[] = [];
	/** What happens while it is asked. */
	meanwhile: () => unknown = () => {};
	readonly charges = new Map<string, Charged>();
	readonly refunds = new Map<string, { readonly outcome: "refunded"; readonly ref: string }>();

	readonly register = async ({ pan }: { readonly pan: string }, { cardId }: Card) => {
		await this.#ask(cardId);
		return this.declines.has(pan) ? ({ declined: true } as const) : { token: tokenFor(cardId) };
	};

	readonly charge = async ({ attemptId, amountMinor, currency }: Asked) => {
		await this.#ask(attemptId);
		const approved = { outcome: "approved", ref: `charge of ${attemptId}`, amountMinor, currency } as const;
		const charge = this.charges.get(attemptId) ?? approved;
		this.charges.set(attemptId, charge);
		return charge;
	};

	readonly findCharge = async ({ attemptId }: Pick<Asked, "attemptId">) => {
		await this.#ask(attemptId);
		return this.charges.get(attemptId);
	};

	readonly refund = async ({ refundId }: Returned) => {
		await this.#ask(refundId);
		const refund = this.refunds.get(refundId) ?? ({ outcome: "refunded", ref: `refund of ${refundId}` } as const);
		this.refunds.set(refundId, refund);
		return refund;
	};

	readonly findRefund = async ({ refundId }: Returned) => {
		await this.#ask(refundId);
		return this.refunds.get(refundId);
	};

	async #ask(id: string): Promise<void> {
		if (this.away) throw new Error("the payment provider is away");
		this.asked.push(id);
		await this.meanwhile();
	}
}

/** What it gives for a card. */
export const tokenFor = (cardId: string) => `token of ${cardId}`;

/** Numbers by which the sandbox knows what a card is to do: docs/payments-sandbox.md. */
export const sandboxPan = {
	declined: "4000000000000002",
	softAlways: "4000000000009995",
	softTwice: "4000000000002222",
	expired: "4000000000000069",
	hard: "4000000000000341",
	pending: "4000000000000119",
	refundRefused: "4000000000005126",
	refundPending: "4000000000007726",
} as const;

/** Stands in for the network: one provider, whatever is asked for, and a caller that gives up when it wants to. */
export function serveSandbox(sandbox: (request: Request) => Promise<Response>): void {
	vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
		const request = new Request(input, init);
		const given = init?.signal;
		if (!given) return sandbox(request);
		const gaveUp = new Promise<never>((_, reject) => {
			given.addEventListener("abort", () => reject(given.reason));
		});
		return Promise.race([sandbox(request), gaveUp]);
	});
}
