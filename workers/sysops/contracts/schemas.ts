import * as v from "valibot";
import { ContractTerms, termsLimits } from "../../../shared/contracts/feed.ts";
import { PageQuery } from "../../../shared/http/page.ts";
import { line } from "../../../shared/http/texts.ts";
import { idPattern } from "../../../shared/ids.ts";

const { devices, responseHours, price } = ContractTerms.entries;

/** `ContractTerms` as the staff type them. The body of `POST contracts`. */
export const NewTerms = v.strictObject({
	name: line(termsLimits.name),
	summary: line(termsLimits.summary),
	devices,
	coverage: v.pipe(v.array(line(termsLimits.coverage)), v.minLength(1), v.maxLength(12)),
	responseHours,
	price: v.strictObject(price.entries),
});
export type NewTerms = v.InferOutput<typeof NewTerms>;

/** The body of `PUT contracts/{id}`: the version that was read, and the terms that are to follow it. */
export const NewVersion = v.strictObject({
	basedOn: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	terms: NewTerms,
});
export type NewVersion = v.InferOutput<typeof NewVersion>;

/** `POST contracts/{id}/withdrawal` takes an empty object. */
export const NewWithdrawal = v.strictObject({});

/** `PUT contracts/{id}/versions/{version}`: the path, as any other path when it is none. */
export const VersionPath = v.object({
	contractId: v.pipe(v.string(), v.regex(idPattern("ctr"))),
	version: v.pipe(v.string(), v.regex(/^[1-9]\d{0,15}$/), v.transform(Number), v.safeInteger()),
});

/** Its body: what a replica has kept of the version. */
export const LostVersion = v.strictObject({
	terms: NewTerms,
	/** `digestOf` the version. */
	digest: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(0xffffffff)),
});
export type LostVersion = v.InferOutput<typeof LostVersion>;

/** The query of the list: a page of all contracts, or of those that are withdrawn, or of those that are not. */
export const ListQuery = v.object({ ...PageQuery.entries, withdrawn: v.optional(v.picklist(["true", "false"])) });
