import * as v from "valibot";
import { PageQuery } from "../../shared/http/page.ts";
import { UnpaidPeriod } from "../../workers/customer/payments/schemas.ts";
import { unpaidPeriod } from "./examples.ts";
import type { Operation } from "./operation.ts";

const UnpaidPage = v.object({ items: v.array(UnpaidPeriod), next: v.nullable(v.string()) });

export const paymentSchemas = { UnpaidPage, UnpaidPeriod };

export const paymentOperations: readonly Operation[] = [
	{
		id: "listUnpaid",
		method: "get",
		path: "/api/v1/payments",
		summary: "Periods of the plan that could not be charged and are not paid since, the newest first.",
		query: PageQuery,
		answers: {
			200: { description: "A page of periods.", schema: UnpaidPage, example: { items: [unpaidPeriod], next: null } },
		},
	},
];
