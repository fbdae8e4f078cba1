/** A text message to one phone. `id` names it: the provider takes it once. */
export interface TextMessage {
	readonly id: string;
	readonly to: string;
	readonly text: string;
}

/** The way out for text messages. Rejects when the message was not taken. */
export interface Sms {
	send(message: TextMessage): Promise<void>;
}

/** Posts each message as JSON to `SMS_URL`, with its id as the Idempotency-Key. Without a URL nothing is taken. */
export function httpSms({ SMS_URL, SMS_TOKEN }: { SMS_URL: string; SMS_TOKEN: string }): Sms {
	return {
		async send({ id, to, text }) {
			if (!SMS_URL) throw new Error("SMS_URL is not configured");
			const response = await fetch(SMS_URL, {
				method: "POST",
				headers: { "content-type": "application/json", authorization: `Bearer ${SMS_TOKEN}`, "idempotency-key": id },
				body: JSON.stringify({ to, text }),
				signal: AbortSignal.timeout(10_000),
			});
			if (!response.ok) throw new Error(`the provider of text messages answers ${response.status}`);
		},
	};
}
