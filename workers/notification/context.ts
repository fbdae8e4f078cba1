import { cloudflareCtx } from "../../shared/cloudflare.ts";
import type { Ctx } from "../../shared/context.ts";
import { joseSurveyTokens, type WithSurveyTokens } from "../../shared/crypto/survey-token.ts";
import { singleDatabase } from "../../shared/databases.ts";
import { bindingMail, type Mail } from "../../shared/mail.ts";
import { httpSms, type Sms } from "./sms.ts";

/** The ways out, and what messages link to. */
export interface NotificationCtx extends Ctx, WithSurveyTokens {
	readonly mail: Mail;
	readonly sms: Sms;
	/** The portal's, without a slash at its end. */
	readonly origin: string;
}

export interface App {
	Bindings: NotificationBindings;
	Variables: { ctx: NotificationCtx };
}

export function notificationCtx(
	env: NotificationBindings,
	execution: Pick<ExecutionContext, "waitUntil">,
	traceparent?: string,
): NotificationCtx {
	const ctx = cloudflareCtx("notification", env, singleDatabase(env.NOTIFICATION_DB), execution, traceparent);
	return Object.assign(ctx, {
		mail: bindingMail(env.MAIL, env.MAIL_FROM),
		sms: httpSms(env),
		origin: env.ORIGIN,
		surveyTokens: joseSurveyTokens(env.SURVEY_KEYS),
	});
}
