import * as v from "valibot";
import { Secret } from "../sessions/schemas.ts";

/** Base64url; an attestation may hold certificates. */
const bytes = (most: number) => v.pipe(v.string(), v.maxLength(most), v.regex(/^[\w-]+=*$/));
const credential = {
	id: bytes(2000),
	rawId: bytes(2000),
	type: v.literal("public-key"),
	clientExtensionResults: v.fallback(v.object({}), {}),
};

/** What a browser has made of the options (WebAuthn Level 3, section 5.1): null for what cannot be that. */
const AuthenticationResponse = v.object({
	...credential,
	response: v.object({
		clientDataJSON: bytes(4000),
		authenticatorData: bytes(4000),
		signature: bytes(4000),
	}),
});

const RegistrationResponse = v.object({
	...credential,
	response: v.object({
		clientDataJSON: bytes(4000),
		attestationObject: bytes(12_000),
		transports: v.fallback(v.pipe(v.array(v.pipe(v.string(), v.regex(/^[\w-]{1,20}$/))), v.maxLength(10)), []),
	}),
});

/** A cookie's value (RFC 6265): nothing that could end it. */
const challenge = v.fallback(v.pipe(v.string(), v.regex(/^[\w%.~+/=-]{1,400}$/)), "");

export const PasskeyAuthentication = v.object({ challenge, response: v.fallback(v.nullable(AuthenticationResponse), null) });

export const RegisterPasskey = v.object({
	secret: Secret,
	challenge,
	response: v.fallback(v.nullable(RegistrationResponse), null),
	name: v.pipe(v.string(), v.normalize("NFC"), v.trim(), v.regex(/^[^\p{Cc}\p{Cs}]{1,100}$/u)),
});
export type RegisterPasskey = v.InferOutput<typeof RegisterPasskey>;

export const RemovePasskey = v.object({ secret: Secret, passkeyId: v.pipe(v.string(), v.maxLength(100)) });
export type RemovePasskey = v.InferOutput<typeof RemovePasskey>;
