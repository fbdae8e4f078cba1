import * as v from "valibot";
import { SkillCategory } from "../events/customer.ts";
import { idPattern } from "../ids.ts";

const line = (most: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(most));

/** UTF-16 units of each text: a page of the largest contracts is under 1 MB, and D1 binds values of 2 MB. */
export const termsLimits = { name: 120, summary: 300, coverage: 200 } as const;

/** What a contract promises, and for how much. */
export const ContractTerms = v.object({
	name: line(termsLimits.name),
	/** One sentence for somebody who compares. */
	summary: line(termsLimits.summary),
	devices: v.pipe(v.array(SkillCategory), v.minLength(1), v.maxLength(8)),
	/** What is included, a point each. */
	coverage: v.pipe(v.array(line(termsLimits.coverage)), v.minLength(1), v.maxLength(12)),
	/** Hours until an expert answers. */
	responseHours: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(720)),
	/** A month, in minor units, before tax. */
	price: v.object({
		amountMinor: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000_000)),
		/** ISO 4217: any, since a version stands whatever is sold in by now. A new one is in a `Currency`. */
		currency: v.pipe(v.string(), v.regex(/^[A-Z]{3}$/)),
	}),
});
export type ContractTerms = v.InferOutput<typeof ContractTerms>;

/**
 * One version of a contract. Versions are immutable and never deleted; a withdrawal is a last version with the terms of
 * the one before. `version` is max(previous + 1, milliseconds since 1970), which rises even across a restore.
 */
export const ContractVersion = v.object({
	/** Its place in the feed: 1, 2, 3 … over all contracts. */
	seq: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	contractId: v.pipe(v.string(), v.regex(idPattern("ctr"))),
	version: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	withdrawn: v.boolean(),
	terms: ContractTerms,
});
export type ContractVersion = v.InferOutput<typeof ContractVersion>;

export const feedPageSize = 100;

/** The versions after a sequence number, in its order, at most `feedPageSize`. */
export const FeedPage = v.object({
	versions: v.pipe(v.array(ContractVersion), v.maxLength(feedPageSize)),
	/** The last sequence number that there is. */
	latest: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
	/** `checksumOf` the whole catalogue up to the last version of this page, or to the number asked for when the page is empty. */
	checksum: v.string(),
});
export type FeedPage = v.InferOutput<typeof FeedPage>;

/** The read-only feed of sysops, the only synchronous call between quanta: Cron Triggers make it, requests never. */
export interface ContractFeed {
	/** A `FeedPage`: parse it, for it comes from another deployment. */
	page(input: { after: number }): Promise<unknown>;
}

export interface WithContractFeed {
	readonly contractFeed: ContractFeed;
}
