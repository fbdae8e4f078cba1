import type { Signer } from "../../shared/context.ts";
import type { WorkerName } from "../../shared/events/topology.ts";

interface Token {
	kid: string;
	aud: string;
	iat: number;
	payload: string;
	mac: number;
}

/** Which key each Worker signs with, and which keys each Worker knows. */
export interface KeyRing {
	readonly signsWith: Record<WorkerName, string>;
	readonly knows: Record<WorkerName, Map<string, WorkerName>>;
}

/**
 * A fake, for the simulation alone: real Ed25519 runs on another thread and would break replay. It keeps what matters
 * here: who signed what for whom and when, keys that are not known yet, and signatures that do not fit.
 */
export function fakeSigner(worker: WorkerName, ring: KeyRing): Signer {
	return {
		async sign(payload, { audience, issuedAt }) {
			const token = { kid: ring.signsWith[worker], aud: audience, iat: issuedAt, payload };
			return JSON.stringify({ ...token, mac: mac(token) } satisfies Token);
		},
		async verify(text) {
			const token = parse(text);
			if (!token) return { failure: "malformed" };
			const source = ring.knows[worker].get(token.kid);
			if (!source) return { failure: "unknown_key" };
			if (mac(token) !== token.mac) return { failure: "bad_signature" };
			return { source, audience: token.aud, issuedAt: token.iat, payload: token.payload };
		},
	};
}

function parse(text: string): Token | undefined {
	try {
		const token: Token = JSON.parse(text); // only `fakeSigner` and the forger write tokens here
		return token.payload === undefined ? undefined : token; // what a Worker puts there for itself is signed by nobody
	} catch {
		return undefined;
	}
}

/** What everybody can read in a message: whom it is for, and its event. */
export function readToken(
	text: string,
): { audience: string; event: { id: string; source: WorkerName; type: string } } | undefined {
	const token = parse(text);
	return token && { audience: token.aud, event: JSON.parse(token.payload) };
}

/** FNV-1a over all that is signed. The "secret" is that only `sign` calls it. */
function mac({ kid, aud, iat, payload }: Omit<Token, "mac">): number {
	let hash = 0x811c9dc5;
	for (const char of `${kid} ${aud} ${iat} ${payload}`) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
	return hash >>> 0;
}

/** What an intruder can do: the payload of a real message, changed, under a signature that does not fit. */
export function forge(text: string, change: (payload: string) => string): string {
	const token = parse(text);
	return token ? JSON.stringify({ ...token, payload: change(token.payload), mac: (token.mac + 1) >>> 0 }) : text;
}
