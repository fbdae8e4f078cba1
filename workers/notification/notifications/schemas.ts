import * as v from "valibot";
import { PageQuery } from "../../../shared/http/page.ts";
import { notifications } from "../tables.ts";

/** The query of the list: a page of the messages in one state. */
export const ListQuery = v.object({
	...PageQuery.entries,
	status: v.optional(v.picklist(notifications.status.enumValues), "failed"),
});

/** `POST notifications/{id}/resend` takes an empty object. */
export const NewResend = v.strictObject({});
