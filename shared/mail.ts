/** An e-mail to one person. What it says is plain text; the HTML says the same. */
export interface Message {
	readonly to: string;
	readonly subject: string;
	readonly text: string;
	readonly html: string;
	/** Goes along as `X-Notification-ID`: a copy is known by it, since Cloudflare makes every Message-ID itself. */
	readonly notificationId?: string;
}

/** The way out for e-mail. Rejects when the message was not taken. */
export interface Mail {
	send(message: Message): Promise<void>;
}

/** Sends through a `send_email` binding; Cloudflare makes the MIME of it. */
export function bindingMail(binding: SendEmail, from: string): Mail {
	return {
		async send({ notificationId, ...message }) {
			const headers = notificationId === undefined ? {} : { headers: { "X-Notification-ID": notificationId } };
			await binding.send({ from, ...message, ...headers });
		},
	};
}
