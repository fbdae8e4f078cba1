import * as v from "valibot";
import { Contract } from "../../workers/customer/contracts/contract.ts";
import { Money, NewPlan, Plan, PlanLine, WantedLine } from "../../workers/customer/plans/schemas.ts";
import { contracts, newPlan, plan } from "./examples.ts";
import type { Operation } from "./operation.ts";

const Contracts = v.object({ contracts: v.array(Contract) });

export const planSchemas = { Contract, Contracts, Money, NewPlan, Plan, PlanLine, WantedLine };

const headers = { ETag: "The same contracts, the same tag." };
const answers = { 200: { description: "The plan.", schema: Plan, example: plan } };

export const planOperations: readonly Operation[] = [
	{
		id: "listContracts",
		method: "get",
		path: "/api/v1/contracts",
		summary: "The contracts on offer, of which a plan is made.",
		access: "open",
		conditional: true,
		answers: {
			200: { description: "The contracts.", schema: Contracts, example: { contracts }, headers },
			304: { description: "They are those of the tag in If-None-Match.", headers },
		},
	},
	{
		id: "getPlan",
		method: "get",
		path: "/api/v1/plan",
		summary: "The customer's plan, and what of it changes next.",
		answers,
	},
	{
		id: "signPlan",
		method: "put",
		path: "/api/v1/plan",
		summary: "Say what the plan is to hold: now for a new one, from the next period on for one that runs. Nothing ends it.",
		body: { schema: NewPlan, example: newPlan },
		answers,
		problems: ["nothing_to_cancel", "contract_not_offered"],
	},
];
