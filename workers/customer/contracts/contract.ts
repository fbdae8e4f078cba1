import * as v from "valibot";
import { ContractTerms } from "../../../shared/contracts/feed.ts";
import { idPattern } from "../../../shared/ids.ts";

/** A contract as it is on offer: this version of it can be signed. */
export const Contract = v.object({
	contractId: v.pipe(v.string(), v.regex(idPattern("ctr"))),
	version: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	...ContractTerms.entries,
});
export type Contract = v.InferOutput<typeof Contract>;

export interface Catalogue {
	/** By id. */
	readonly contracts: readonly Contract[];
	/** A strong entity tag (RFC 9110, section 8.8.3), quoted: the same contracts, the same tag. */
	readonly etag: string;
}
