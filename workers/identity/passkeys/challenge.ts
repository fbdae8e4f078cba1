import type { Challenge } from "../../../shared/identity.ts";

/** better-auth's own cookie. It never reaches a browser: its value travels in a cookie of the customer Worker. */
const cookie = "better-auth.better-auth-passkey";

/** The headers of a call that answers a challenge. */
export const withChallenge = (challenge: string) => new Headers({ cookie: `${cookie}=${challenge}` });

/** Options for the browser out of better-auth's answer, and the challenge out of the cookie that it wants to set. */
export function challengeOf({ headers, response }: { headers: Headers | null; response: object }): Challenge {
	const pairs = (headers?.getSetCookie() ?? []).map((line) => line.split(";")[0] ?? "");
	const challenge = pairs.find((pair) => pair.startsWith(`${cookie}=`))?.slice(cookie.length + 1);
	if (!challenge) throw new Error("better-auth has set no challenge");
	return { options: { ...response }, challenge };
}
