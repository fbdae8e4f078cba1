import * as v from "valibot";
import { SkillCategory, snapshotLimits } from "../../../shared/events/customer.ts";
import { PageQuery } from "../../../shared/http/page.ts";
import { idPattern } from "../../../shared/ids.ts";

const month = v.pipe(v.string(), v.regex(/^[12]\d{3}-(0[1-9]|1[0-2])$/));
const text = v.pipe(v.string(), v.minLength(1), v.maxBytes(snapshotLimits.region));

/** Months in UTC such as `2026-11`, from the first to the last, and a page of values. */
const common = {
	from: month,
	to: month,
	limit: PageQuery.entries.limit,
	cursor: v.optional(v.pipe(v.string(), v.maxLength(300)), ""),
};

/** The query of every report: by what, and `value` for only one of those. */
export const ReportQuery = v.variant("by", [
	v.object({ ...common, by: v.literal("all"), value: v.optional(v.literal("all")) }),
	v.object({ ...common, by: v.literal("expert"), value: v.optional(v.pipe(v.string(), v.regex(idPattern("exp")))) }),
	v.object({ ...common, by: v.literal("category"), value: v.optional(SkillCategory) }),
	v.object({ ...common, by: v.literal("region"), value: v.optional(text) }),
]);
export type ReportQuery = v.InferOutput<typeof ReportQuery>;

/** The query of the report of takings: months only. Its rows are few, so that it has no pages. */
export const TakingsQuery = v.object({ from: month, to: month });
export type TakingsQuery = v.InferOutput<typeof TakingsQuery>;
