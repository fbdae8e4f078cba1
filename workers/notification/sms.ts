import { NotTaken } from "../../shared/mail.ts";

/** A text message to one phone. `id` names it: the provider takes it once. */
export interface TextMessage {
	readonly id: string;
	/** As the customer has typed it. */
	readonly to: string;
	readonly text: string;
}

/** The way out for text messages. Rejects with `NotTaken` when the message was not taken. */
export interface Sms {
	send(message: TextMessage): Promise<void>;
}

/** Statuses that lie with this message, such as a number that is none. All others may be mended. */
const finalStatuses: readonly number[] = [400, 422];

/** Posts each message as JSON to `SMS_URL`, with its id as the Idempotency-Key. Without a URL nothing is ever taken. */
export function httpSms({ SMS_URL, SMS_TOKEN }: { SMS_URL: string; SMS_TOKEN: string }): Sms {
	return {
		async send({ id, to, text }) {
			if (!SMS_URL) throw new NotTaken("sms_not_configured", { final: true });
			const status = await post(SMS_URL, {
				headers: { "content-type": "application/json", authorization: `Bearer ${SMS_TOKEN}`, "idempotency-key": id },
				body: JSON.stringify({ to: dialled(to), text }),
			});
			if (status === undefined) throw new NotTaken("sms_unavailable");
			if (finalStatuses.includes(status)) throw new NotTaken("sms_refused", { final: true });
			if (status < 200 || status > 299) throw new NotTaken(`sms_status_${status}`);
		},
	};
}

/** The status of the answer; undefined when there was none. */
async function post(url: string, init: RequestInit): Promise<number | undefined> {
	try {
		const response = await fetch(url, { ...init, method: "POST", signal: AbortSignal.timeout(10_000) });
		await response.body?.cancel(); // else it holds the connection
		return response.status;
	} catch {
		return undefined;
	}
}

/**
 * Digits, after a plus if there is one: what people type between them is for people. So is the zero in `+49 (0) 30`, which
 * is not dialled behind the code of a country (DIN 5008).
 */
const dialled = (phone: string) => phone.replace(/^(\+[^(]*)\(0\)/, "$1").replaceAll(/(?!^\+)\D/g, "");
