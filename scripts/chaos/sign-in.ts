import { codeFor } from "../../test/mailbox.ts";
import type { Target } from "./insist.ts";

/** Somebody new, whose session identity trusts: it has just begun. */
export interface NewCustomer {
	readonly customerId: string;
	readonly token: string;
}

/**
 * Signs somebody in who was never here, by the code in the local mailbox. Rejects when anything of it fails: a kill takes
 * the mails with it, so that whoever waits for a code begins again, with another address.
 */
export async function signInAnew({ stack }: Target, email: string): Promise<NewCustomer> {
	const post = async (path: string, body: object, cookie = "") => {
		const headers = { "content-type": "application/json", cookie };
		const signal = AbortSignal.timeout(10_000);
		const response = await stack.request("customer", path, { method: "POST", headers, body: JSON.stringify(body), signal });
		if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
		return response;
	};
	const asked = await post("/api/auth/email-otp/send-verification-otp", { email });
	const browser = asked.headers
		.getSetCookie()
		.map((cookie) => cookie.split(";")[0])
		.join("; ");
	const otp = await codeFor(stack, email);
	const { customerId, token }: NewCustomer = await (await post("/api/auth/sign-in/email-otp", { email, otp }, browser)).json();
	return { customerId, token };
}
