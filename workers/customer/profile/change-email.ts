import * as v from "valibot";
import type { Ctx } from "../../../shared/context.ts";
import { emailLimit } from "../../../shared/events/customer.ts";
import type { Customers } from "../../../shared/identity.ts";
import { idPattern, shardOf } from "../../../shared/ids.ts";
import { newEvent } from "../../../shared/messaging/envelope.ts";
import { commit, outboxParams } from "../../../shared/messaging/outbox.ts";
import { emitCustomerChanged, upsertEmail } from "./store.ts";

/** identity is another deployment. */
const EmailChange = v.object({
	customerId: v.pipe(v.string(), v.regex(idPattern("cus"))),
	email: v.pipe(v.string(), v.minLength(1), v.maxBytes(emailLimit)),
	changedAt: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
});

/** identity has changed the customer's address: the profile and billing follow. Throws on what is no such change. */
export async function changeEmail({ ctx, input }: { ctx: Ctx; input: Parameters<Customers["changeEmail"]>[0] }): Promise<void> {
	const change = v.parse(EmailChange, input);
	const { customerId } = change;
	const shard = shardOf(customerId);
	const event = newEvent(ctx, shard, { type: "CustomerChanged", subject: customerId, data: {} }); // SQL adds version and data
	const params = { ...outboxParams(ctx, event), ...change };
	const statements = { change: upsertEmail, emit: emitCustomerChanged, params };
	const { emitted } = await commit(ctx, ctx.databases.get(shard), statements);
	if (emitted) ctx.log.info("email_changed", { eventId: event.id });
}
