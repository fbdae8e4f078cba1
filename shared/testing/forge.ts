import { type CompactJWSHeaderParameters, CompactSign, importJWK } from "jose";
import type { WorkerName } from "../events/topology.ts";
import { signingKey } from "./bindings.ts";

const encode = (text: string) => {
	const bytes = new TextEncoder().encode(text);
	return btoa(String.fromCharCode(...bytes))
		.replaceAll("+", "-")
		.replaceAll("/", "_")
		.replace(/=+$/, "");
};

/** A JWS with any header and the true Ed25519 signature of one Worker: what a holder of that key could make. */
export async function signAs(worker: WorkerName, payload: unknown, header: Record<string, unknown>): Promise<string> {
	const { kid, ...jwk } = JSON.parse(signingKey(worker));
	const protectedHeader = { alg: "Ed25519", typ: "quantum+jws", kid, ...header } as CompactJWSHeaderParameters; // as wrong as wanted
	return new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
		.setProtectedHeader(protectedHeader)
		.sign(await importJWK({ ...jwk, alg: "Ed25519" }));
}

/** A JWS with any header and no signature at all. */
export const unsigned = (payload: unknown, header: Record<string, unknown>) =>
	`${encode(JSON.stringify(header))}.${encode(JSON.stringify(payload))}.`;

/** A JWS under HS256 whose secret is what everybody knows: a public key. */
export async function signSymmetrically(payload: unknown, header: Record<string, unknown>, secret: string): Promise<string> {
	const input = unsigned(payload, { ...header, alg: "HS256" }).slice(0, -1);
	const algorithm = { name: "HMAC", hash: "SHA-256" };
	const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, ["sign"]);
	const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(input)));
	return `${input}.${btoa(String.fromCharCode(...mac))
		.replaceAll("+", "-")
		.replaceAll("/", "_")
		.replace(/=+$/, "")}`;
}

/** The same message with one character of its payload changed. */
export function tamper(token: string): string {
	const [header = "", payload = "", signature = ""] = token.split(".");
	const at = Math.floor(payload.length / 2);
	return [header, payload.slice(0, at) + (payload[at] === "A" ? "B" : "A") + payload.slice(at + 1), signature].join(".");
}
