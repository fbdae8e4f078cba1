import type { Operation } from "./operation.ts";
import { ticketOperations, ticketSchemas } from "./tickets.ts";

/** The customers' API, whole: test/openapi.test.ts compares it with the routes of the customer Worker. */
export const operations: readonly Operation[] = [...ticketOperations];

/** Everything in bodies that has a name; the document refers to it by that. */
export const schemas = { ...ticketSchemas };
