/** An e-mail to one person. What it says is plain text; the HTML says the same. */
export interface Message {
	readonly to: string;
	readonly subject: string;
	readonly text: string;
	readonly html: string;
	/** Goes along as `X-Notification-ID`: a copy is known by it, since Cloudflare makes every Message-ID itself (ADR 8). */
	readonly notificationId?: string;
}

/** The way out for e-mail. Rejects with `NotTaken` when the message was not taken. */
export interface Mail {
	send(message: Message): Promise<void>;
}

/**
 * A provider has not taken a message. `reason` is a word of ours: what the provider says of it may hold the address.
 * `final` when this message will never be taken, however often it is tried.
 */
export class NotTaken extends Error {
	override readonly name = "NotTaken";
	readonly reason: string;
	readonly final: boolean;
	constructor(reason: string, { final = false }: { final?: boolean } = {}) {
		super(reason);
		this.reason = reason;
		this.final = final;
	}
}

/**
 * Of the codes of Cloudflare Email Service those that lie with this recipient or this message
 * (developers.cloudflare.com/email-service/api/send-emails/workers-api). All others may be mended: a limit, a sender's
 * domain that is not ready, a header or field of ours.
 */
const finalReasons: Readonly<Record<string, string>> = {
	E_RECIPIENT_SUPPRESSED: "recipient_suppressed",
	E_RECIPIENT_NOT_ALLOWED: "recipient_not_allowed",
	E_CONTENT_TOO_LARGE: "too_large",
};
const passingReasons: Readonly<Record<string, string>> = {
	E_RATE_LIMIT_EXCEEDED: "rate_limited",
	E_DAILY_LIMIT_EXCEEDED: "daily_limit_reached",
	E_DELIVERY_FAILED: "delivery_failed",
	E_SENDER_NOT_VERIFIED: "sender_not_ready",
	E_SENDER_DOMAIN_NOT_AVAILABLE: "sender_not_ready",
	E_VALIDATION_ERROR: "not_valid",
};

/** Sends through a `send_email` binding; Cloudflare makes the MIME of it. */
export function bindingMail(binding: SendEmail, from: string): Mail {
	return {
		async send({ notificationId, ...message }) {
			const headers = notificationId === undefined ? {} : { headers: { "X-Notification-ID": notificationId } };
			try {
				await binding.send({ from, ...message, ...headers });
			} catch (error) {
				const code = codeOf(error);
				const final = finalReasons[code];
				throw final ? new NotTaken(final, { final: true }) : new NotTaken(passingReasons[code] ?? "mail_unavailable");
			}
		},
	};
}

/** The binding throws an `Error` with a `code` beside its message. */
const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "");
