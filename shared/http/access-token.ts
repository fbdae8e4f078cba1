import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import * as v from "valibot";
import { Problem } from "./problem.ts";

/** Who of the staff asks. Roles are the quantum's own. */
const StaffMember = v.object({ sub: v.pipe(v.string(), v.minLength(1)), email: v.pipe(v.string(), v.email(), v.toLowerCase()) });
export type StaffMember = v.InferOutput<typeof StaffMember>;

export interface AccessConfig {
	/** The team's domain, such as `https://<team>.cloudflareaccess.com`. */
	readonly ACCESS_ISSUER: string;
	/** The application's audience tag. */
	readonly ACCESS_AUDIENCE: string;
}

/** Keys are fetched when first needed and cached by jose for the isolate's life. */
let keys: { issuer: string; set: ReturnType<typeof createRemoteJWKSet> } | undefined;

/**
 * Verifies a Cloudflare Access token (header `Cf-Access-Jwt-Assertion`). Throws `unavailable` when this Worker has
 * no Access configuration or its keys cannot be had, else `unauthenticated`.
 * https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/validating-json/
 */
export async function verifyAccessToken(request: Request, config: AccessConfig, now: number): Promise<StaffMember> {
	const { ACCESS_ISSUER: issuer, ACCESS_AUDIENCE: audience } = config;
	if (!issuer || !audience) throw new Problem("unavailable");
	const token = request.headers.get("cf-access-jwt-assertion");
	if (!token) throw new Problem("unauthenticated");
	if (keys?.issuer !== issuer) keys = { issuer, set: createRemoteJWKSet(new URL(`${issuer}/cdn-cgi/access/certs`)) };
	try {
		const { payload } = await jwtVerify(token, keys.set, {
			algorithms: ["RS256"],
			issuer,
			audience,
			requiredClaims: ["exp", "iat", "sub"],
			currentDate: new Date(now),
		});
		return v.parse(StaffMember, payload);
	} catch (error) {
		throw new Problem(saysOfToken(error) ? "unauthenticated" : "unavailable");
	}
}

/** jose's errors of a key set that answered badly, or not in time: nothing is known of the token then. */
const ofKeySet: readonly string[] = [errors.JOSEError.code, errors.JWKSInvalid.code, errors.JWKSTimeout.code];

function saysOfToken(error: unknown): boolean {
	return error instanceof errors.JOSEError ? !ofKeySet.includes(error.code) : error instanceof v.ValiError;
}
