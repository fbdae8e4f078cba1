import { createCipheriv, createECDH, createHash, createPrivateKey, sign } from "node:crypto";
import type { Ctx } from "../../shared/context.ts";
import { createJwsSigner } from "../../shared/crypto/jws-signer.ts";
import { signSession, verifySession } from "../../shared/crypto/session-token.ts";
import { joseSurveyTokens } from "../../shared/crypto/survey-token.ts";
import { topology } from "../../shared/events/topology.ts";
import { Problem } from "../../shared/http/problem.ts";
import { idOf } from "../../shared/ids.ts";
import { dataSchemaUri } from "../../shared/messaging/envelope.ts";
import { open } from "../../shared/messaging/open.ts";
import { cardKey, publicKeys, signingKey } from "../../shared/testing/bindings.ts";
import type { Random } from "../../shared/testing/random.ts";
import { joseCardKeys } from "../../workers/billing/cards/jose-card-keys.ts";

/** The same in every run: a token is a function of the seed. */
export const now = Date.UTC(2026, 10, 2, 12);
const seconds = now / 1000;

export const encode = (bytes: string | Uint8Array) => Buffer.from(bytes).toString("base64url");

/** Two keys of each purpose, and sessions and surveys under the same ones: only what a token says of itself tells them apart. */
export const secrets = { "key-1": "1".repeat(43), "key-2": "2".repeat(43) } as const;
const symmetric = (kid: keyof typeof secrets) => {
	const first = { [kid]: secrets[kid] };
	return JSON.stringify({ ...first, ...secrets });
};
const kids = ["key-1", "key-2"] as const;

const otherCardKey = { ...cardKey, ...pairOf("the other card key"), kid: "other-card-key" };
export const cardKeyList = [cardKey, otherCardKey];

/** One sort of token: how a true one is made, and what its verifier makes of any text; undefined when it is refused. */
export interface Kind {
	readonly name: string;
	issue(random: Random): Promise<string>;
	/** All that the verifier believes, as JSON. */
	read(token: string): Promise<string | undefined>;
}

const idIn = (random: Random, prefix: "cus" | "ses" | "evt" | "crd" | "tkt") => idOf(prefix, "00", random.bytes(16));

const signers = {
	customer: createJwsSigner(signingKey("customer"), publicKeys),
	billing: createJwsSigner(signingKey("billing"), publicKeys),
};
const consumer = (worker: "customer" | "billing") =>
	({ worker, topology, signer: signers[worker], now: () => now }) as Partial<Ctx> as Ctx; // all that `open` uses

const events: Kind = {
	name: "event",
	async issue(random) {
		const [from, to, type] = random.pick([
			["customer", "billing", "CardRemoved"],
			["billing", "customer", "CardRejected"],
		]);
		const [id, subject, cardId] = [idIn(random, "evt"), idIn(random, "cus"), idIn(random, "crd")];
		const data = type === "CardRemoved" ? { cardId } : { cardId, reason: "luhn" };
		const about = { id, source: from, type, subject, dataschema: dataSchemaUri(type, 1), data };
		const traces = { time: new Date(now).toISOString(), correlationid: "c", traceparent: "t" };
		const payload = JSON.stringify({ specversion: "1.0", ...about, ...traces });
		return signers[from].sign(payload, { audience: to, issuedAt: seconds - random.between(0, 100) });
	},
	async read(token) {
		const signed = await signers.customer.verify(token);
		if ("failure" in signed) return undefined;
		return JSON.stringify([signed, await open(consumer(signed.source === "billing" ? "customer" : "billing"), token)]);
	},
};

const sessions: Kind = {
	name: "session",
	issue: (random) =>
		signSession({ customerId: idIn(random, "cus"), sessionId: idIn(random, "ses") }, symmetric(random.pick(kids)), now),
	async read(token) {
		try {
			return JSON.stringify(await verifySession(token, symmetric("key-1"), now));
		} catch (error) {
			if (error instanceof Problem) return undefined;
			throw error;
		}
	},
};

const surveys: Kind = {
	name: "survey",
	issue: (random) => {
		const surveyId = `${idIn(random, "tkt").replace("tkt", "srv")}_${random.between(1, 9)}`;
		return joseSurveyTokens(symmetric(random.pick(kids))).sign({ surveyId, expiresAt: now + random.between(1, 9) * 1_000_000 });
	},
	async read(token) {
		const invitation = await joseSurveyTokens(symmetric("key-1")).verify(token, now);
		return invitation && JSON.stringify(invitation);
	},
};

const cardKeys = joseCardKeys(JSON.stringify(cardKeyList));
const cards: Kind = {
	name: "card",
	async issue(random) {
		const key = random.pick([cardKey, otherCardKey]);
		const [sub, cid] = [idIn(random, "cus"), idIn(random, "crd")];
		const payload = { v: 1, aud: "billing.card.v1", sub, cid, nonce: encode(random.bytes(16)), pan: "4242424242424242" };
		return sealDeterministically(random, key, { kid: key.kid, typ: "card+jwe", sub, cid }, JSON.stringify(payload).padEnd(256));
	},
	async read(token) {
		const opened = await cardKeys.open(token);
		return "failure" in opened ? undefined : JSON.stringify(opened);
	},
};

export const kinds = [events, sessions, surveys, cards] as const;

/** RFC 7518, appendix C, with the ephemeral key and the initialisation vector out of the seed. */
function sealDeterministically(random: Random, { x, y }: { x: string; y: string }, about: object, payload: string): string {
	const theirs = Buffer.concat([Buffer.of(4), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
	const ours = createECDH("prime256v1");
	ours.setPrivateKey(createHash("sha256").update(random.bytes(32)).digest());
	const point = ours.getPublicKey();
	const epk = { kty: "EC", crv: "P-256", x: encode(point.subarray(1, 33)), y: encode(point.subarray(33)) };
	const header = encode(JSON.stringify({ alg: "ECDH-ES", enc: "A256GCM", ...about, epk }));
	const info = Buffer.concat([word(7), Buffer.from("A256GCM"), word(0), word(0), word(256)]);
	const key = createHash("sha256")
		.update(Buffer.concat([word(1), ours.computeSecret(theirs), info]))
		.digest();
	return sealUnder(key, header, payload, random);
}

const word = (value: number) => {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(value);
	return bytes;
};

export function sealUnder(key: Uint8Array, header: string, payload: string, random: Random): string {
	const iv = random.bytes(12);
	const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(header));
	const sealed = Buffer.concat([cipher.update(payload), cipher.final()]);
	return `${header}..${encode(iv)}.${encode(sealed)}.${encode(cipher.getAuthTag())}`;
}

function pairOf(seed: string) {
	const pair = createECDH("prime256v1");
	pair.setPrivateKey(createHash("sha256").update(seed).digest());
	const point = pair.getPublicKey();
	return { x: encode(point.subarray(1, 33)), y: encode(point.subarray(33)), d: encode(pair.getPrivateKey()) };
}

/** An Ed25519 key of nobody whom we know, and what it signs. */
export const stranger = createPrivateKey({
	key: {
		kty: "OKP",
		crv: "Ed25519",
		x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
		d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
	},
	format: "jwk",
});
export const signedByStranger = (input: string) => encode(sign(null, Buffer.from(input), stranger));
