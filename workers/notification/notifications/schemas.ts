import * as v from "valibot";
import { PageQuery } from "../../../shared/http/page.ts";
import type { notifications } from "../tables.ts";

const statuses = [
	"pending",
	"sent",
	"failed",
	"expired",
] as const satisfies readonly (typeof notifications.$inferSelect.status)[];

/** The query of the list: a page of the messages in one state. */
export const ListQuery = v.object({
	...PageQuery.entries,
	status: v.optional(v.picklist(statuses), "failed"),
});

/** `POST notifications/{id}/resend` takes an empty object. */
export const NewResend = v.strictObject({});
