import { type JWTPayload, jwtVerify, SignJWT } from "jose";
import * as v from "valibot";
import { surveyIdPattern } from "../ids.ts";

/** An invitation to one survey. Who holds its token may answer it, without signing in. */
export const Invitation = v.object({
	surveyId: v.pipe(v.string(), v.regex(surveyIdPattern)),
	/** Milliseconds since 1970, UTC, to the second. */
	expiresAt: v.pipe(v.number(), v.integer(), v.minValue(0)),
});
export type Invitation = v.InferOutput<typeof Invitation>;

export interface SurveyTokens {
	sign(invitation: Invitation): Promise<string>;
	/** Undefined for what we have not signed, and for what has expired by `now`, in milliseconds. */
	verify(token: string, now: number): Promise<Invitation | undefined>;
}

export interface WithSurveyTokens {
	readonly surveyTokens: SurveyTokens;
}

/** `SURVEY_KEYS`: kid → secret of at least 256 bits in base64url. The first signs; several while one replaces another. */
const SurveyKeys = v.record(v.string(), v.pipe(v.string(), v.minLength(43)));

const typ = "survey+jwt";

/** Tokens as JWTs (RFC 7519) with HS256. Keys are read when first needed: without them everything else still works. */
export function joseSurveyTokens(keys: string): SurveyTokens {
	const secrets = () => v.parse(SurveyKeys, JSON.parse(keys));
	return {
		async sign({ surveyId, expiresAt }) {
			const [first] = Object.entries(secrets());
			if (!first) throw new Error("SURVEY_KEYS is empty");
			const [kid, secret] = first;
			return new SignJWT({})
				.setProtectedHeader({ alg: "HS256", typ, kid })
				.setSubject(surveyId)
				.setExpirationTime(Math.floor(expiresAt / 1000))
				.sign(new TextEncoder().encode(secret));
		},
		async verify(token, now) {
			const known = secrets();
			try {
				const { payload } = await jwtVerify<JWTPayload>(
					token,
					({ kid = "" }) => {
						const secret = Object.hasOwn(known, kid) ? known[kid] : undefined;
						if (!secret) throw new Error("no such key");
						return new TextEncoder().encode(secret);
					},
					{ algorithms: ["HS256"], typ, requiredClaims: ["sub", "exp"], currentDate: new Date(now) },
				);
				return v.parse(Invitation, { surveyId: payload.sub, expiresAt: Number(payload.exp) * 1000 });
			} catch {
				return undefined;
			}
		},
	};
}
