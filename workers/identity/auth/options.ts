import { passkey } from "@better-auth/passkey";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import type { betterAuth } from "better-auth/minimal";
import { emailOTP } from "better-auth/plugins/email-otp";
import { drizzle } from "drizzle-orm/d1";
import { toHex } from "../../../shared/bytes.ts";
import { idOf, shardOf } from "../../../shared/ids.ts";
import { describeError } from "../../../shared/log.ts";
import { days, minutes, seconds } from "../../../shared/time.ts";
import { type IdentityCtx, identityDatabase } from "../context.ts";
import { passkeys, sessions, users, verifications } from "../tables.ts";
import { chooseShard } from "./shard.ts";

const codeLifetime = 10 * minutes;
const codeAttempts = 3;
const sessionLifetime = 7 * days;
const longestUserAgent = 300;

/** A session that better-auth has made during this call. */
export interface NewSession {
	readonly customerId: string;
	readonly sessionId: string;
	readonly secret: string;
}

/** What one call brings to better-auth, and what it takes away. */
export interface Call {
	/** What is stored, as HMAC, for the code that is mailed. */
	readonly code?: string;
	/** Who registers a passkey: checked by us, since better-auth sees no session. */
	readonly registering?: { readonly customerId: string; readonly email: string };
	readonly userAgent?: string;
	session?: NewSession;
}

/** better-auth's configuration for one call. It takes its clock and its random numbers from the platform. */
export function authOptions(ctx: IdentityCtx, call: Call) {
	const { origin, hostname } = originOf(ctx);
	const database = drizzle(identityDatabase(ctx) as D1Database); // Drizzle uses nothing else of it
	return {
		baseURL: origin,
		secret: ctx.settings.AUTH_SECRET,
		telemetry: { enabled: false },
		// it would log addresses
		logger: { disabled: true },
		// in memory: each isolate would count for itself
		rateLimit: { enabled: false },
		verification: { disableCleanup: true },
		session: { expiresIn: sessionLifetime / seconds },
		database: drizzleAdapter(database, {
			provider: "sqlite",
			schema: { user: users, session: sessions, verification: verifications, passkey: passkeys },
			transaction: false,
		}),
		// the cookies stay between it and us
		advanced: { useSecureCookies: false, ipAddress: { disableIpTracking: true }, database: { validateSchema: false } },
		databaseHooks: {
			user: { create: { before: async () => ({ data: { id: newCustomerId(ctx) } }) } },
			session: {
				create: {
					before: async ({ userId: customerId, token: secret }: { userId: string; token: string }) => {
						const sessionId = idOf("ses", shardOf(customerId), ctx.randomBytes(16));
						call.session = { customerId, sessionId, secret };
						const userAgent = (call.userAgent ?? "").replaceAll(/\p{Cc}/gu, "").slice(0, longestUserAgent);
						return { data: { id: sessionId, token: await hashOfSecret(ctx, secret), userAgent } };
					},
				},
			},
		},
		plugins: [
			emailOTP({
				expiresIn: codeLifetime / seconds,
				allowedAttempts: codeAttempts,
				storeOTP: { hash: (code) => hmac(ctx.settings.CODE_PEPPER, code) },
				generateOTP: () => call.code,
				sendVerificationOTP: () => Promise.reject(new Error("codes are mailed by us")),
			}),
			passkey({
				rpID: hostname,
				rpName: "Penultimate Electronics",
				origin,
				authenticatorSelection: { residentKey: "required", userVerification: "preferred" },
				registration: {
					requireSession: false,
					resolveUser: () => {
						if (!call.registering) throw new Error("nobody registers here");
						return { id: call.registering.customerId, name: call.registering.email };
					},
					// the challenge knows for whom it was made
					afterVerification: ({ user }) => {
						if (user.id !== call.registering?.customerId) throw new Error("the challenge is somebody else's");
					},
				},
			}),
		],
	} satisfies Parameters<typeof betterAuth>[0];
}

/** Throws when ORIGIN is not set: then nobody signs in. */
function originOf(ctx: IdentityCtx): URL {
	if (!URL.canParse(ctx.settings.ORIGIN)) throw new Error("ORIGIN is not an origin");
	return new URL(ctx.settings.ORIGIN);
}

/** Throws when no shard takes new customers, which somebody has to know. */
function newCustomerId(ctx: IdentityCtx): string {
	try {
		return idOf("cus", chooseShard(ctx.settings.SHARD_WEIGHTS, ctx.randomBytes(4)), ctx.randomBytes(16));
	} catch (error) {
		ctx.log.alarm("customer_not_placed", { error: describeError(error) });
		throw error;
	}
}

/** What is stored of a session's secret. */
export async function hashOfSecret(ctx: IdentityCtx, secret: string): Promise<string> {
	return toHex(await ctx.digest(secret));
}

/** HMAC-SHA-256 in hex. */
async function hmac(key: string, text: string): Promise<string> {
	const bytes = new TextEncoder();
	const algorithm = { name: "HMAC", hash: "SHA-256" };
	const imported = await crypto.subtle.importKey("raw", bytes.encode(key), algorithm, false, ["sign"]);
	return toHex(new Uint8Array(await crypto.subtle.sign("HMAC", imported, bytes.encode(text))));
}
