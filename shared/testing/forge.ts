import { type CompactJWSHeaderParameters, CompactSign, importJWK } from "jose";
import type { WorkerName } from "../events/topology.ts";
import { signingKey } from "./bindings.ts";

const encode = (content: string | Uint8Array) => {
	const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
	return btoa(String.fromCharCode(...bytes))
		.replaceAll("+", "-")
		.replaceAll("/", "_")
		.replaceAll("=", "");
};

/** What the header says of a message that is sent to `audience` at this time, in milliseconds. */
export const sentTo = (audience: WorkerName, at: number) => ({ aud: audience, iat: Math.floor(at / 1000) });

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

/** A JWS under a secret: HS256, or what the header says. A public key is a secret that everybody knows. */
export async function signSymmetrically(
	payload: unknown,
	header: Record<string, unknown> & { alg?: "HS256" | "HS512" },
	secret: string,
): Promise<string> {
	const alg = header.alg ?? "HS256";
	const input = unsigned(payload, { ...header, alg }).slice(0, -1);
	const algorithm = { name: "HMAC", hash: alg.replace("HS", "SHA-") };
	const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, ["sign"]);
	return `${input}.${encode(new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(input))))}`;
}

/** The same message with one character of its payload changed. */
export function tamper(token: string): string {
	const [header = "", payload = "", signature = ""] = token.split(".");
	const at = Math.floor(payload.length / 2);
	return [header, payload.slice(0, at) + (payload[at] === "A" ? "B" : "A") + payload.slice(at + 1), signature].join(".");
}

/** Payload and protected header of a token: what anybody who holds it can read. */
export function readMessage(token: string | undefined): { header: Record<string, unknown>; event: Record<string, unknown> } {
	const [header = "", payload = ""] = (token ?? "").split(".");
	const decode = (part: string) => {
		const bytes = Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
		return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>; // signed JSON objects only
	};
	return { header: decode(header), event: decode(payload) };
}
