import { NewProfile, Profile } from "../../workers/customer/profile/schemas.ts";
import type { Operation } from "./operation.ts";

export const profileSchemas = { NewProfile, Profile };

const path = "/api/v1/profile";

export const profileOperations: readonly Operation[] = [
	{
		id: "getProfile",
		method: "get",
		path,
		summary: "What the customer has said of themselves.",
		answers: { 200: { description: "The profile.", schema: Profile } },
	},
	{
		id: "changeProfile",
		method: "put",
		path,
		summary: "Replace all of it but the e-mail address.",
		body: {
			schema: NewProfile,
			example: {
				name: "Ada Example",
				street: "1 Example Street",
				postalCode: "10115",
				city: "Berlin",
				country: "DE",
				region: "north",
				phone: "+49 30 5550100",
				language: "en",
				notify: { email: true, sms: false },
			},
		},
		answers: { 200: { description: "The profile.", schema: Profile } },
	},
];
