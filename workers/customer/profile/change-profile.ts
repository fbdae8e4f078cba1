import type { Ctx } from "../../../shared/context.ts";
import type { Session } from "../../../shared/crypto/session-token.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { shardOf } from "../../../shared/ids.ts";
import { newEvent } from "../../../shared/messaging/envelope.ts";
import { commit, outboxParams } from "../../../shared/messaging/outbox.ts";
import { isRevoked } from "../sessions/revoked.ts";
import { type Profile, type ProfileRow, profileOf } from "./profile.ts";
import type { NewProfile } from "./schemas.ts";
import { emitCustomerChanged, selectProfile, upsertProfile } from "./store.ts";

export interface ChangeProfile extends NewProfile {
	readonly session: Session;
}

/** Replaces what the customer has said, and tells billing. Saying the same again changes nothing. Throws `session_revoked`. */
export async function changeProfile({ ctx, input }: { ctx: Ctx; input: ChangeProfile }): Promise<Profile> {
	const { session, notify, name, street, postalCode, city, country, region, phone, language } = input;
	const { customerId, sessionId } = session;
	const shard = shardOf(customerId);

	const event = newEvent(ctx, shard, { type: "CustomerChanged", subject: customerId, data: {} }); // SQL adds version and data
	const said = { name, street, postalCode, city, country, region, phone, language };
	const notifications = { notifyByEmail: Number(notify.email), notifyBySms: Number(notify.sms) };
	const { emitted, reads } = await commit(ctx, ctx.databases.get(shard), {
		change: upsertProfile,
		emit: emitCustomerChanged,
		reads: [isRevoked, selectProfile],
		params: { ...outboxParams(ctx, event), ...said, ...notifications, customerId, sessionId },
	});
	const [revoked, profiles] = reads;
	if ((revoked?.results[0] as { revoked: number } | undefined)?.revoked) throw new Problem("session_revoked");
	if (emitted) ctx.log.info("profile_changed", { eventId: event.id });
	return profileOf(customerId, profiles?.results[0] as ProfileRow | undefined); // the shape of `selectProfile`
}
