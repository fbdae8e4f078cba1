import { NewProfile, Profile } from "../../workers/customer/profile/schemas.ts";
import { newProfile, profile } from "./examples.ts";
import type { Operation } from "./operation.ts";

export const profileSchemas = { NewProfile, Profile };

const path = "/api/v1/profile";
const answers = { 200: { description: "The profile.", schema: Profile, example: profile } };

export const profileOperations: readonly Operation[] = [
	{
		id: "getProfile",
		method: "get",
		path,
		summary: "What the customer has said of themselves.",
		answers,
	},
	{
		id: "changeProfile",
		method: "put",
		path,
		summary: "Replace all of it but the e-mail address.",
		body: { schema: NewProfile, example: newProfile },
		answers,
	},
];
