import * as v from "valibot";
import {
	CodeAnswer,
	CodeRequest,
	NewSession,
	NewToken,
	Nothing,
	PasskeyAnswer,
	PasskeyOptions,
} from "../../workers/customer/sign-in/schemas.ts";
import { customerId, passkeyOptions, token } from "./examples.ts";
import type { Operation } from "./operation.ts";

/** An answer that only says that it is done. */
export const Done = v.object({});

export const signInSchemas = { CodeAnswer, CodeRequest, Done, NewSession, NewToken, Nothing, PasskeyAnswer, PasskeyOptions };

const session = {
	200: {
		description: "Signed in; the cookies of the session are set too.",
		schema: NewSession,
		example: { customerId, ...token },
	},
};

export const signInOperations: readonly Operation[] = [
	{
		id: "requestCode",
		method: "post",
		path: "/api/auth/email-otp/send-verification-otp",
		summary:
			"Have a code mailed, good for 10 minutes and in this client only, by its cookies. The same answer for every address.",
		access: "open",
		body: { schema: CodeRequest, example: { email: "ada@penultimate.example" } },
		answers: { 200: { description: "A code is on its way.", schema: Done, example: {} } },
		problems: ["too_many_codes"],
	},
	{
		id: "signInWithCode",
		method: "post",
		path: "/api/auth/sign-in/email-otp",
		summary: "Sign in, or up, with the code.",
		access: "open",
		body: { schema: CodeAnswer, example: { email: "ada@penultimate.example", otp: "0123-4567" } },
		answers: session,
		problems: ["wrong_code"],
	},
	{
		id: "passkeySignInOptions",
		method: "get",
		path: "/api/auth/passkey/generate-authenticate-options",
		summary: "What a browser needs to sign in with a passkey.",
		access: "open",
		answers: {
			200: {
				description: "WebAuthn's options for navigator.credentials.get.",
				schema: PasskeyOptions,
				example: passkeyOptions,
			},
		},
	},
	{
		id: "signInWithPasskey",
		method: "post",
		path: "/api/auth/passkey/verify-authentication",
		summary: "Sign in with what the browser made of the options.",
		access: "open",
		body: { schema: PasskeyAnswer, example: { response: { id: "…", type: "public-key" } } },
		answers: session,
		problems: ["wrong_passkey"],
	},
	{
		id: "renewToken",
		method: "post",
		path: "/api/auth/token",
		summary: "A new token of the session.",
		access: "refresh",
		body: { schema: Nothing, example: {} },
		answers: { 200: { description: "The token.", schema: NewToken, example: token } },
	},
	{
		id: "signOut",
		method: "post",
		path: "/api/auth/sign-out",
		summary: "End the session of the cookies. A token alone ends nothing.",
		access: "open",
		body: { schema: Nothing, example: {} },
		answers: { 200: { description: "It has ended, or there was none.", schema: Done, example: {} } },
		problems: ["unauthenticated"],
	},
];
