import * as v from "valibot";
import { EmailAddress } from "../../../shared/identity.ts";
import { Browser, TypedCode } from "../codes/schemas.ts";
import { Secret } from "../sessions/schemas.ts";

export const RequestEmailChange = v.object({ secret: Secret, email: EmailAddress, browser: Browser });
export type RequestEmailChange = v.InferOutput<typeof RequestEmailChange>;

export const ConfirmEmailChange = v.object({ secret: Secret, ...TypedCode.entries });
export type ConfirmEmailChange = v.InferOutput<typeof ConfirmEmailChange>;
