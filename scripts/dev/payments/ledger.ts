/** A card as the sandbox remembers it: what its holder may see on a receipt. */
export interface CardEntry {
	readonly id: string;
	readonly at: string;
	readonly customer: string;
	readonly last4: string;
	readonly expMonth: number;
	readonly expYear: number;
	/** Null for one that was declined. */
	readonly token: string | null;
}

export type ChargeResult =
	| { readonly outcome: "approved"; readonly ref: string }
	| {
			readonly outcome: "declined";
			readonly decline: {
				readonly kind: "soft" | "hard";
				readonly reason: "insufficient_funds" | "card_expired" | "card_declined";
			};
	  }
	| { readonly outcome: "pending" };

/** As it is answered: with what was taken. What is refused is not in the ledger. */
export type ChargeAnswer =
	| { readonly outcome: "refused"; readonly reason: string }
	| Exclude<ChargeResult, { readonly outcome: "approved" }>
	| (Extract<ChargeResult, { readonly outcome: "approved" }> & Pick<ChargeEntry, "amountMinor" | "currency">);

export interface ChargeEntry {
	/** Of the attempt: its idempotency key. */
	readonly id: string;
	readonly at: string;
	readonly customer: string;
	readonly token: string;
	readonly amountMinor: number;
	readonly currency: string;
	readonly result: ChargeResult;
}

export type RefundResult =
	| { readonly outcome: "refunded"; readonly ref: string }
	| { readonly outcome: "refused" }
	| { readonly outcome: "pending" };

export interface RefundEntry {
	/** Of the refund: its idempotency key. */
	readonly id: string;
	readonly at: string;
	/** The attempt that it is given back from. */
	readonly charge: string;
	readonly amountMinor: number;
	readonly currency: string;
	readonly result: RefundResult;
}

export interface Entries {
	readonly card: CardEntry;
	readonly charge: ChargeEntry;
	readonly refund: RefundEntry;
}

/** What the sandbox has done, for ever. Nothing waits in between, so that who looks and then adds is alone. */
export interface Ledger {
	find<Kind extends keyof Entries>(kind: Kind, id: string): Entries[Kind] | undefined;
	/** Adds it, or puts it in the place of what has its id. */
	put<Kind extends keyof Entries>(kind: Kind, entry: Entries[Kind]): void;
	/** All of what belongs to something: the charges of a token, the refunds of a charge. */
	of<Kind extends "charge" | "refund">(kind: Kind, belongsTo: string): Entries[Kind][];
	/** The newest first. */
	newest<Kind extends keyof Entries>(kind: Kind, limit: number): Entries[Kind][];
}

/** To what an entry belongs; empty for a card. */
export const ownerOf = (entry: CardEntry | ChargeEntry | RefundEntry) =>
	"result" in entry ? ("charge" in entry ? entry.charge : entry.token) : "";

/** As long as its process lives. */
export function memoryLedger(): Ledger {
	const kept: { readonly [Kind in keyof Entries]: Map<string, Entries[Kind]> } = {
		card: new Map(),
		charge: new Map(),
		refund: new Map(),
	};
	const all = <Kind extends keyof Entries>(kind: Kind): Entries[Kind][] => [...kept[kind].values()];
	return {
		find: (kind, id) => kept[kind].get(id),
		put: (kind, entry) => void kept[kind].set(entry.id, entry),
		of: (kind, belongsTo) => all(kind).filter((entry) => ownerOf(entry) === belongsTo),
		newest: (kind, limit) => all(kind).reverse().slice(0, limit),
	};
}
