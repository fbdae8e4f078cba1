interface Card {
	readonly cardId: string;
	readonly customerId: string;
}
interface Asked {
	readonly attemptId: string;
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
	readonly charges = new Map<string, { readonly outcome: "approved"; readonly ref: string }>();
	readonly refunds = new Map<string, { readonly outcome: "refunded"; readonly ref: string }>();

	readonly register = async ({ pan }: { readonly pan: string }, { cardId }: Card) => {
		await this.#ask(cardId);
		return this.declines.has(pan) ? ({ declined: true } as const) : { token: tokenFor(cardId) };
	};

	readonly charge = async ({ attemptId }: Asked) => {
		await this.#ask(attemptId);
		const charge = this.charges.get(attemptId) ?? ({ outcome: "approved", ref: `charge of ${attemptId}` } as const);
		this.charges.set(attemptId, charge);
		return charge;
	};

	readonly findCharge = async ({ attemptId }: Asked) => {
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
