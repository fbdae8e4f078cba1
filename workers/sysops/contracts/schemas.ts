import * as v from "valibot";
import { ContractTerms, termsLimits } from "../../../shared/contracts/feed.ts";
import { Currency, leastChargeOf } from "../../../shared/currencies.ts";
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
	/** Nothing, or enough that a card can be charged for it alone. */
	price: v.pipe(
		v.strictObject({ ...price.entries, currency: Currency }),
		v.rawCheck(({ dataset, addIssue }) => {
			if (!dataset.typed) return;
			const { amountMinor, currency } = dataset.value;
			const least = leastChargeOf(currency);
			if (amountMinor === 0 || amountMinor >= least) return;
			const at = { type: "object", origin: "value", input: dataset.value, key: "amountMinor", value: amountMinor } as const;
			addIssue({ expected: `0 or >=${least}`, path: [at] });
		}),
	),
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

/** Its body: what a replica has kept of the version, in whatever currency it was sold. */
export const LostVersion = v.strictObject({
	terms: v.strictObject({ ...NewTerms.entries, price: v.strictObject(price.entries) }),
	/** `digestOf` the version. */
	digest: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(0xffffffff)),
});
export type LostVersion = v.InferOutput<typeof LostVersion>;

/** The query of the list: a page of all contracts, or of those that are withdrawn, or of those that are not. */
export const ListQuery = v.object({ ...PageQuery.entries, withdrawn: v.optional(v.picklist(["true", "false"])) });
