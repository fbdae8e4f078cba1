import * as v from "valibot";
import { TypedCode } from "../codes/schemas.ts";
import { PasskeyAuthentication } from "../passkeys/schemas.ts";

const userAgent = v.fallback(v.string(), "");

export const SignInWithCode = v.object({ ...TypedCode.entries, userAgent });
export type SignInWithCode = v.InferOutput<typeof SignInWithCode>;

export const SignInWithPasskey = v.object({ ...PasskeyAuthentication.entries, userAgent });
export type SignInWithPasskey = v.InferOutput<typeof SignInWithPasskey>;
