import * as v from "valibot";
import { Channel, NotificationContent, Recipient } from "../../../shared/events/notifications.ts";
import { describeError } from "../../../shared/log.ts";
import { NotTaken } from "../../../shared/mail.ts";
import { prepare, type SqlParams, type Statement } from "../../../shared/sql.ts";
import { render } from "../../../shared/ui/letter.ts";
import type { NotificationCtx } from "../context.ts";
import { letterOf, type Setting, textOf } from "./message.ts";
import { type Claimed, claimDue, lease, markFailed, markNotTaken, markSent } from "./store.ts";
import { type Content, messageOf } from "./templates.ts";
import { lastDay } from "./ticket-message.ts";

/** Of one run and channel: two calls a message, and a Worker has 1,000 an invocation. */
const mostPages = 10;
const pageSize = 20;
/** Connections that one channel holds; a Worker has six. */
const atOnce = 3;

/** `broken`: it never came to asking the provider, which may take others. */
type Outcome = "sent" | "failed" | "not_taken" | "broken";

/**
 * Sends what is due, each channel for itself: one that takes nothing does not hold up the other. Every message at most
 * once, except when a run dies between the provider's yes and its own note of it; the copy then bears the same id.
 */
export async function sendDue(ctx: NotificationCtx): Promise<void> {
	const runs = await Promise.allSettled(Channel.options.map((channel) => sendDueOf(ctx, channel)));
	for (const run of runs) if (run.status === "rejected") throw run.reason;
}

async function sendDueOf(ctx: NotificationCtx, channel: Channel): Promise<void> {
	for (let page = 0; page < mostPages; page++) {
		const claimedAt = ctx.now();
		const params = { channel, now: claimedAt, limit: pageSize };
		const { results } = await prepare(ctx.databases.get("00"), claimDue, params).all<Claimed>();
		const outcomes = await sendPage(ctx, channel, claimedAt, results);
		if (results.length < pageSize) return;
		// nobody takes anything there: the next run tries others
		if (outcomes.length > 0 && outcomes.every((outcome) => outcome === "not_taken")) return;
	}
}

/** A few at once. In the second half of the lease none is begun; what is left is claimed again when it has ended. */
async function sendPage(ctx: NotificationCtx, channel: Channel, claimedAt: number, rows: readonly Claimed[]): Promise<Outcome[]> {
	for (const { id, customer_id } of rows.filter(({ status }) => status === "expired")) {
		ctx.log.alarm("notification_expired", { notificationId: id, customerId: customer_id });
	}
	const left = rows.filter(({ status }) => status === "pending");
	const outcomes: Outcome[] = [];
	const lane = async () => {
		for (let row = left.shift(); row && ctx.now() < claimedAt + lease / 2; row = left.shift()) {
			outcomes.push(await sendOne(ctx, channel, row));
		}
	};
	// a lane that cannot note what became of its message ends: the next one would be sent twice, too
	const lanes = await Promise.allSettled(Array.from({ length: atOnce }, lane));
	for (const ended of lanes) if (ended.status === "rejected") throw ended.reason;
	return outcomes;
}

/** Throws only when what became of it could not be noted. */
async function sendOne(ctx: NotificationCtx, channel: Channel, row: Claimed): Promise<Outcome> {
	const { id, customer_id: customerId, next_attempt_at: leaseEnd } = row;
	const about = { notificationId: id, customerId };
	const note = (statement: Statement, more: SqlParams = {}) =>
		prepare(ctx.databases.get("00"), statement, { id, now: ctx.now(), leaseEnd, ...more }).run();
	try {
		await send(ctx, channel, row);
	} catch (error) {
		const asked = error instanceof NotTaken;
		const { reason, final } = asked ? error : { reason: "unexpected", final: false };
		await note(final ? markFailed : markNotTaken, { failure: reason });
		ctx.log.warn(final ? "notification_failed" : "notification_not_taken", { ...about, reason, error: describeError(error) });
		if (!asked) return "broken";
		return final ? "failed" : "not_taken";
	}
	await note(markSent);
	ctx.log.info("notification_sent", about);
	return "sent";
}

async function send(
	ctx: NotificationCtx,
	channel: Channel,
	{ id, recipient, content, language, template }: Claimed,
): Promise<void> {
	const to = v.parse(Recipient, recipient);
	const told = v.parse(NotificationContent, { template, values: JSON.parse(content ?? "") });
	const survey = channel === "email" ? await invitationIn(ctx, told.values) : undefined;
	const message = messageOf({ ...told, language, origin: ctx.origin, survey });
	switch (channel) {
		case "email":
			return ctx.mail.send({ to, ...render(letterOf(message)), notificationId: id });
		case "sms":
			return ctx.sms.send({ id, to, text: textOf(message) });
		default:
			return channel satisfies never;
	}
}

/** What is sent late, or again by the staff, invites to nothing that is over. */
async function invitationIn(ctx: NotificationCtx, values: Content["values"]): Promise<Setting["survey"]> {
	if (!("surveyId" in values)) return undefined;
	const { surveyId, surveyExpiresAt: expiresAt } = values;
	if (surveyId === null || expiresAt === null || ctx.now() >= expiresAt - lastDay) return undefined;
	return { token: await ctx.surveyTokens.sign({ surveyId, expiresAt }), expiresAt };
}
