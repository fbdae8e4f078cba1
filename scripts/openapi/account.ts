import {
	EndedSessions,
	NewEmail,
	NewPasskey,
	PasskeyToRemove,
	Sessions,
	SessionToEnd,
} from "../../workers/customer/account/schemas.ts";
import { CodeAnswer, Nothing, PasskeyOptions } from "../../workers/customer/sign-in/schemas.ts";
import { passkeyOptions, sessionId, ticket } from "./examples.ts";
import type { Operation } from "./operation.ts";
import { Done } from "./sign-in.ts";

export const accountSchemas = { EndedSessions, NewEmail, NewPasskey, PasskeyToRemove, Sessions, SessionToEnd };

const path = "/api/auth";
const access = "refresh";
const done = { 200: { description: "Done.", schema: Done, example: {} } };
const ended = { ended: [sessionId] };
const { createdAt } = ticket;
const session = { id: sessionId, createdAt, lastUsedAt: createdAt, userAgent: "Mozilla/5.0 (X11; Linux x86_64)", current: true };

export const accountOperations: readonly Operation[] = [
	{
		id: "listSessions",
		method: "get",
		path: `${path}/list-sessions`,
		summary: "Where the customer is signed in.",
		access,
		answers: { 200: { description: "The sessions.", schema: Sessions, example: { items: [session], next: null } } },
	},
	{
		id: "endSession",
		method: "post",
		path: `${path}/revoke-session`,
		summary: "End one of the customer's sessions.",
		access,
		body: { schema: SessionToEnd, example: { id: sessionId } },
		answers: {
			200: { description: "What has ended: nothing when there is no such session.", schema: EndedSessions, example: ended },
		},
	},
	{
		id: "endOtherSessions",
		method: "post",
		path: `${path}/revoke-other-sessions`,
		summary: "End all of the customer's sessions but this one.",
		access,
		body: { schema: Nothing, example: {} },
		answers: { 200: { description: "What has ended.", schema: EndedSessions, example: ended } },
	},
	{
		id: "passkeyRegistrationOptions",
		method: "get",
		path: `${path}/passkey/generate-register-options`,
		summary: "What a browser needs to make a passkey.",
		access,
		answers: {
			200: {
				description: "WebAuthn's options for navigator.credentials.create.",
				schema: PasskeyOptions,
				example: passkeyOptions,
			},
		},
		problems: ["session_not_fresh", "change_held"],
	},
	{
		id: "registerPasskey",
		method: "post",
		path: `${path}/passkey/verify-registration`,
		summary: "Keep the passkey that the browser made of the options.",
		access,
		body: { schema: NewPasskey, example: { name: "My phone", response: { id: "…", type: "public-key" } } },
		answers: done,
		problems: ["wrong_passkey", "change_held"],
	},
	{
		id: "removePasskey",
		method: "post",
		path: `${path}/passkey/delete-passkey`,
		summary: "Forget a passkey.",
		access,
		body: { schema: PasskeyToRemove, example: { id: "0123456789" } },
		answers: { 200: { description: "It is gone, or was never there.", schema: Done, example: {} } },
		problems: ["session_not_fresh"],
	},
	{
		id: "requestEmailChange",
		method: "post",
		path: `${path}/change-email`,
		summary: "Have a code mailed to a new address.",
		access,
		body: { schema: NewEmail, example: { email: "ada.new@penultimate.example" } },
		answers: { 200: { description: "A code is on its way.", schema: Done, example: {} } },
		problems: ["session_not_fresh", "change_held", "too_many_codes"],
	},
	{
		id: "confirmEmailChange",
		method: "post",
		path: `${path}/change-email/confirm`,
		summary: "Show the code: the address changes in 24 hours, unless it is called off.",
		access,
		body: { schema: CodeAnswer, example: { email: "ada.new@penultimate.example", otp: "0123-4567" } },
		answers: done,
		problems: ["wrong_code", "session_not_fresh", "change_held"],
	},
	{
		id: "cancelEmailChange",
		method: "post",
		path: `${path}/change-email/cancel`,
		summary: "Call a change off.",
		access,
		body: { schema: Nothing, example: {} },
		answers: { 200: { description: "There is none, or none any more.", schema: Done, example: {} } },
	},
];
