import { createHmac } from "node:crypto";
import { cardKey, publicKeys } from "../../shared/testing/bindings.ts";
import type { Random } from "../../shared/testing/random.ts";
import { encode, sealUnder, secrets, signedByStranger } from "./kinds.ts";

/** A change of a token by somebody without a key. `other`: a true token of this or another sort. */
export type Mutation = (random: Random, token: string, other: string) => string;

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const strange = [".", "=", "+", "/", " ", "\n", "\0", "%", "é", "а", "０", "\u200b", "\ufeff", "\ud800", "😀", "~"] as const;
const letter = (random: Random) => alphabet.charAt(random.between(0, 64));
const place = (random: Random, text: string) => random.between(0, Math.max(1, text.length));
const splice = (text: string, at: number, length: number, by: string) => text.slice(0, at) + by + text.slice(at + length);

/** One part of a token in another form. */
const inPart = (random: Random, token: string, change: (part: string) => string) => {
	const parts = token.split(".");
	const at = random.between(0, parts.length);
	return parts.with(at, change(parts[at] ?? "")).join(".");
};

function headerOf(token: string): Record<string, unknown> {
	const text = Buffer.from(token.split(".")[0] ?? "", "base64url").toString();
	if (text.length > 5000) return {}; // one that an earlier mutation has made too deep to be written again
	try {
		return { ...JSON.parse(text) };
	} catch {
		return {};
	}
}
const withHeader = (token: string, header: object | string) =>
	[encode(typeof header === "string" ? header : JSON.stringify(header)), ...token.split(".").slice(1)].join(".");

const customerKey: { x: string } = JSON.parse(publicKeys).customer[0];
const algs: readonly [unknown, ...unknown[]] = [
	"none",
	"None",
	"",
	"HS256",
	"HS512",
	"Ed25519",
	"EdDSA",
	"ES256",
	"RS256",
	"PS256",
	"dir",
	"ECDH-ES",
	"A256KW",
	"RSA-OAEP",
	"PBES2-HS256+A128KW",
	null,
	7,
	["Ed25519"],
];
const keyIds: readonly [unknown, ...unknown[]] = [
	"",
	"key-1",
	"key-2",
	"test-customer",
	"test-billing",
	cardKey.kid,
	"other-card-key",
	"toString",
	"__proto__",
	"../key",
	null,
	0,
	["key-1"],
	{ toString: "key-1" },
];

/** What a header may be made to say. */
const fields: Readonly<Record<string, (random: Random) => unknown>> = {
	alg: (random) => random.pick<unknown>(algs),
	kid: (random) => random.pick<unknown>(keyIds),
	typ: (random) =>
		random.pick<unknown>(["quantum+jws", "JWT", "jwt", "survey+jwt", "application/survey+jwt", "card+jwe", "", null, 1]),
	enc: (random) => random.pick<unknown>(["A128GCM", "A256GCM", "A128CBC-HS256", null]),
	zip: (random) => random.pick<unknown>(["DEF", "GZ", "", null]),
	crit: (random) => random.pick<unknown>([["b64"], ["exp"], [], ["zip"], "b64", null]),
	b64: (random) => random.pick<unknown>([false, true, null]),
	aud: (random) => random.pick<unknown>(["customer", "billing", "sysops", "", 1, ["billing"]]),
	iat: (random) => random.pick<unknown>([0, -1, 1e18, "1", null, 1.5]),
	sub: () => "cus_000000000000000000000000000",
	cid: () => "crd_000000000000000000000000000",
	epk: (random) => random.pick<unknown>([{ kty: "EC", crv: "P-256", x: cardKey.x, y: cardKey.y }, {}, null, cardKey]),
	jwk: () => ({ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }),
	jku: () => "https://evil.example/keys",
	x5u: () => "https://evil.example/cert",
	apu: () => "QWxpY2U",
	p2c: () => 1e9,
	cty: () => "JWT",
	constructor: () => "x",
};

const changedHeader: Mutation = (random, token) => {
	const header = headerOf(token);
	for (let i = random.between(1, 4); i > 0; i--) {
		const name = random.pick(Object.keys(fields) as [string, ...string[]]); // there are some
		if (random.chance(0.15)) delete header[name];
		else header[name] = fields[name]?.(random);
	}
	return withHeader(token, header);
};

/** The same header for a reader of JSON, or a reader of another one, in other characters. */
const respelledHeader: Mutation = (random, token) => {
	const header = headerOf(token);
	const text = JSON.stringify(header);
	const escaped = text.replace(/[a-z]/, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
	const reversed = JSON.stringify(Object.fromEntries(Object.entries(header).reverse()));
	const twice = `{"alg":"none",${text.slice(1)}`;
	const after = `${text.slice(0, -1)},"alg":"none"}`;
	return withHeader(
		token,
		random.pick([` ${text}`, `${text}\n`, escaped, reversed, twice, after, `\ufeff${text}`, `[${text}]`, text.slice(1)]),
	);
};

/** The same payload with good ids that nobody has. */
const ofSomebodyElse = (random: Random, payload: string) =>
	encode(
		Buffer.from(payload, "base64url")
			.toString()
			.replace(/(?<=_00)[0-7]./g, () => `${random.between(0, 8)}${random.between(0, 10)}`),
	);

/** Signed or sealed truly, but by somebody who has no key of ours, whatever the header says. */
const forged: Mutation = (random, token, other) => {
	const header = headerOf(token);
	const payload = ofSomebodyElse(random, (random.chance(0.5) ? token : other).split(".")[1] ?? "");
	const kid = random.chance(0.5) ? header["kid"] : random.pick(keyIds);
	const name = typeof kid === "string" ? kid : JSON.stringify(kid);
	const dressed = (more: object) => encode(JSON.stringify({ ...header, kid, ...more }));
	const alg = random.pick(["HS256", "HS256", "HS512"]);
	const hmac = (secret: string | Buffer) => {
		const input = `${dressed({ alg })}.${payload}`;
		return `${input}.${createHmac(alg.replace("HS", "sha"), secret).update(input).digest("base64url")}`;
	};
	const ed = `${dressed(random.chance(0.5) ? {} : { alg: "Ed25519" })}.${payload}`;
	const embedded = `${dressed({ alg: "Ed25519", jwk: fields["jwk"]?.(random) })}.${payload}`;
	const own = random.bytes(32);
	const unsigned = () => `${dressed({ alg: "none" })}.${payload}.`;
	// what could be mistaken for a secret: what everybody knows, nothing at all, and what every object has
	const known = () => hmac(random.pick([customerKey.x, Buffer.from(customerKey.x, "base64url")]));
	const empty = () => hmac(random.pick(["", "undefined", "null", secrets["key-1"].slice(1)]));
	const named = () => hmac(`${name}`);
	const inherited = () => hmac(`${Reflect.get(Object.prototype, `${name}`)}`);
	const strangers = () => `${ed}.${signedByStranger(ed)}`;
	const embeddedKey = () => `${embedded}.${signedByStranger(embedded)}`;
	const direct = () => sealUnder(own, dressed({ alg: "dir", enc: "A256GCM", epk: undefined }), "{}", random);
	const underOwnKey = () => sealUnder(own, dressed({ alg: "ECDH-ES", enc: "A256GCM" }), "{}", random);
	if (header["alg"] === "HS256") return random.pick([unsigned, known, empty, named, inherited])();
	if (header["alg"] === "ECDH-ES") return random.pick([unsigned, named, direct, underOwnKey])();
	return random.pick([unsigned, known, empty, named, strangers, embeddedKey, () => `${ed}.`])();
};

/** The last character of 2 or 3 in base64 has bits that say nothing: another one that decodes to the same bytes. */
const lastCharacters: Mutation = (random, token) =>
	inPart(random, token, (part) => {
		const spare = part.length % 4 === 2 ? 16 : part.length % 4 === 3 ? 4 : 0;
		const value = alphabet.indexOf(part.slice(-1));
		if (spare === 0 || value < 0) return part + random.pick(["A", "=", "==", "AAAA"]);
		return part.slice(0, -1) + alphabet.charAt(value - (value % spare) + random.between(0, spare));
	});

const changedPayload: Mutation = (random, token) => {
	const parts = token.split(".");
	const text = Buffer.from(parts[1] ?? "", "base64url").toString();
	const at = place(random, text);
	const changed = random.pick([
		text.replace(/\d/, "9"),
		text.replace("cus_", "cus_f"),
		`${text} `,
		splice(text, at, 1, letter(random)),
		"{}",
		"null",
	]);
	return parts.map((part, at) => (at === 1 ? encode(changed) : part)).join(".");
};

const exchangedParts: Mutation = (random, token, other) => {
	const theirs = other.split(".");
	return token
		.split(".")
		.map((part, at) => (random.chance(0.4) ? (theirs[at] ?? part) : part))
		.join(".");
};

const huge: Mutation = (random, token) =>
	random.pick([
		inPart(random, token, (part) => part.repeat(random.between(2, 400))),
		inPart(random, token, () => "A".repeat(70_000)),
		withHeader(token, `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`),
		`${token}${".".repeat(random.between(1, 5000))}`,
		token.repeat(2),
	]);

/** By name, as they are counted. */
export const mutations: Readonly<Record<string, Mutation>> = {
	"character replaced": (random, token) => splice(token, place(random, token), 1, letter(random)),
	"bit turned": (random, token) => {
		const at = place(random, token);
		return splice(token, at, 1, String.fromCharCode(token.charCodeAt(at) ^ (1 << random.between(0, 7))));
	},
	inserted: (random, token) => splice(token, place(random, token), 0, random.chance(0.5) ? letter(random) : random.pick(strange)),
	deleted: (random, token) => splice(token, place(random, token), random.between(1, 5), ""),
	duplicated: (random, token) => {
		const at = place(random, token);
		return splice(token, at, 0, token.slice(at, at + random.between(1, 40)));
	},
	"characters swapped": (random, token) => {
		const [a, b] = [place(random, token), place(random, token)];
		return splice(splice(token, a, 1, token.charAt(b)), b, 1, token.charAt(a));
	},
	"parts exchanged": exchangedParts,
	"parts in another order": (random, token) => {
		const parts = token.split(".");
		return parts.map((_, at) => parts[(at + random.between(0, parts.length)) % parts.length]).join(".");
	},
	"header changed": changedHeader,
	"header respelled": respelledHeader,
	"payload changed": changedPayload,
	"last characters": lastCharacters,
	truncated: (random, token) => token.slice(0, place(random, token)),
	"other base64": (_, token) => token.replaceAll("-", "+").replaceAll("_", "/"),
	unicode: (random, token) => splice(token, place(random, token), random.between(0, 2), random.pick(strange)),
	huge,
	forged,
	"another one whole": (_random, _token, other) => other,
};
