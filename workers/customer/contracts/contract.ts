import type { ContractTerms } from "../../../shared/contracts/feed.ts";

/** A contract as it is on offer: this version of it can be signed. */
export interface Contract extends ContractTerms {
	readonly contractId: string;
	readonly version: number;
}

export interface Catalogue {
	/** By id. */
	readonly contracts: readonly Contract[];
	/** A strong entity tag (RFC 9110, section 8.8.3), quoted: the same contracts, the same tag. */
	readonly etag: string;
}
