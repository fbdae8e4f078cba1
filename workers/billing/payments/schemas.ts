import * as v from "valibot";
import { PageQuery } from "../../../shared/http/page.ts";

/** The query of the list: a page of the periods in a state that somebody has to look at. */
export const ListQuery = v.object({ ...PageQuery.entries, state: v.optional(v.picklist(["parked"]), "parked") });

/** The beginning of a period in a path: an ISO 8601 instant. */
export const PeriodPath = v.object({
	customerId: v.string(),
	from: v.pipe(
		v.string(),
		v.isoTimestamp(),
		v.transform((at) => Date.parse(at)),
		v.safeInteger(),
	),
});

/** `POST periods/{customerId}/{from}/retry` takes an empty object. */
export const NewRetry = v.strictObject({});
