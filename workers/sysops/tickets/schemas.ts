import * as v from "valibot";
import { PageQuery } from "../../../shared/http/page.ts";
import { tickets } from "../tables.ts";

/** The query of the list: a page of the tickets in one state. */
export const ListQuery = v.object({ ...PageQuery.entries, status: v.optional(v.picklist(tickets.status.enumValues), "queued") });
