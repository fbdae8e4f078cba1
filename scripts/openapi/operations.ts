import { accountOperations, accountSchemas } from "./account.ts";
import { cardOperations, cardSchemas } from "./cards.ts";
import { invoiceOperations, invoiceSchemas } from "./invoices.ts";
import type { Operation } from "./operation.ts";
import { paymentOperations, paymentSchemas } from "./payments.ts";
import { planOperations, planSchemas } from "./plan.ts";
import { profileOperations, profileSchemas } from "./profile.ts";
import { signInOperations, signInSchemas } from "./sign-in.ts";
import { surveyOperations, surveySchemas } from "./surveys.ts";
import { ticketOperations, ticketSchemas } from "./tickets.ts";

/** The customers' API, whole: test/openapi.test.ts compares it with the routes of the customer Worker. */
export const operations: readonly Operation[] = [
	...signInOperations,
	...accountOperations,
	...profileOperations,
	...planOperations,
	...cardOperations,
	...invoiceOperations,
	...paymentOperations,
	...ticketOperations,
	...surveyOperations,
];

/** Everything in bodies that has a name; the document refers to it by that. */
export const schemas = {
	...signInSchemas,
	...accountSchemas,
	...profileSchemas,
	...planSchemas,
	...cardSchemas,
	...invoiceSchemas,
	...paymentSchemas,
	...ticketSchemas,
	...surveySchemas,
};
