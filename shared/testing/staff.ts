import { env } from "cloudflare:workers";
import { exportJWK, generateKeyPair, importJWK, type JWTPayload, SignJWT } from "jose";
import { vi } from "vitest";
import { migrateDatabases } from "./migrations.ts";

export const access = { issuer: "https://access.test", audience: "sysops-test", kid: "access-1" } as const;

const pair = generateKeyPair("RS256", { extractable: true });
const otherPair = generateKeyPair("RS256", { extractable: true });

/** How Access answers where it publishes its keys. */
export type Certs = () => Response | Promise<Response>;

export const goodCerts: Certs = async () => {
	const jwk = { ...(await exportJWK((await pair).publicKey)), kid: access.kid, use: "sig" };
	return Response.json({ keys: [jwk] });
};

/** Stands in for Access: its keys at the issuer's address, and no other host in the world. Gives the requests that came. */
export function serveCerts(certs: Record<string, Certs> = { [access.issuer]: goodCerts }): string[] {
	const asked: string[] = [];
	vi.stubGlobal("fetch", async (input: RequestInfo | URL) => {
		const url = new URL(input instanceof Request ? input.url : input);
		asked.push(url.href);
		const answer = url.pathname === "/cdn-cgi/access/certs" ? certs[url.origin] : undefined;
		if (!answer) throw new TypeError("no such host");
		return answer();
	});
	return asked;
}

export interface AccessTokenOptions {
	email?: string;
	issuer?: string;
	audience?: string;
	/** Seconds from now. */
	expiresIn?: number | null;
	issuedAt?: number | null;
	subject?: string | null;
	kid?: string;
	/** RS256 unless told. */
	algorithm?: string;
	/** Signed with a key that Access does not publish. */
	forged?: boolean;
}

export const staffEmail = "helpdesk@squad.example";
export const administratorEmail = "administrator@squad.example";

/** A token as Cloudflare Access puts it into `Cf-Access-Jwt-Assertion`. */
export async function accessToken(options: AccessTokenOptions = {}): Promise<string> {
	const {
		email = staffEmail,
		issuer = access.issuer,
		audience = access.audience,
		kid = access.kid,
		algorithm = "RS256",
	} = options;
	const {
		expiresIn = 3600,
		issuedAt = Math.floor(Date.now() / 1000),
		subject = "7335d417-61da-459d-899c-0a01c76a2f94",
	} = options;
	const claims: JWTPayload = { email, type: "app" };
	const token = new SignJWT(claims).setProtectedHeader({ alg: algorithm, kid }).setIssuer(issuer).setAudience([audience]);
	if (expiresIn !== null) token.setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn);
	if (issuedAt !== null) token.setIssuedAt(issuedAt);
	if (subject !== null) token.setSubject(subject);
	const { privateKey } = await (options.forged ? otherPair : pair);
	return token.sign(await importJWK(await exportJWK(privateKey), algorithm));
}

/** The databases up to date, a helpdesk member and an administrator. Call it before all tests of a file: storage is the file's own. */
export async function migrateSysops(): Promise<void> {
	await migrateDatabases();
	const text = "insert into staff (email, role) values (?, 'helpdesk'), (?, 'administrator')";
	await env.SYSOPS_DB.prepare(text).bind(staffEmail, administratorEmail).run();
}
