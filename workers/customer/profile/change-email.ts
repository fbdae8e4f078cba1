import type { Ctx } from "../../../shared/context.ts";
import type { Customers } from "../../../shared/identity.ts";

/** identity has changed the customer's address: the profile and billing follow. */
export async function changeEmail(_: { ctx: Ctx; input: Parameters<Customers["changeEmail"]>[0] }): Promise<void> {
	throw new Error("not built yet");
}
