import type { JsonWebKey } from "node:crypto";
import type { DeployedWorker } from "../workers.ts";
import type { Held, KeyFile, KeyPair, SecretKey } from "./format.ts";

/** The order of every list: the key in use first, then those that only verify or open. */
const order = { current: 0, leaving: 1, added: 2, retired: 3 } as const;
const inOrder = <Key extends Held>(keys: readonly Key[] = []) =>
	keys.toSorted((a, b) => order[a.state] - order[b.state] || b.createdAt - a.createdAt);

const secrets = (keys: readonly SecretKey[] | undefined) =>
	JSON.stringify(Object.fromEntries(inOrder(keys).map(({ kid, secret }) => [kid, secret])));

const isUsed = ({ state }: Held) => state !== "added";

/** The secrets and variables that hold keys, as `worker` has them. Empty text where nothing has been made yet. */
export function keyValues(file: KeyFile, worker: DeployedWorker): Readonly<Record<string, string>> {
	const own = worker === "identity" ? undefined : file.signing[worker]?.find(({ state }) => state === "current");
	const everybodys = Object.entries(file.signing).map(([name, keys]) => [name, inOrder(keys).map(publicKey)]);
	return {
		SIGNING_KEY: own ? JSON.stringify({ ...own.jwk, kid: own.kid }) : "",
		PUBLIC_KEYS: JSON.stringify(Object.fromEntries(everybodys)),
		SESSION_KEYS: secrets(file.session),
		SURVEY_KEYS: secrets(file.survey),
		CARD_KEYS: JSON.stringify(
			inOrder(file.card).map(({ jwk, kid, retiredAt }) => ({ ...jwk, kid, ...(retiredAt === null ? {} : { retiredAt }) })),
		),
		// A key that is only added is not for browsers: billing may not have it yet
		CARD_PUBLIC_KEYS: JSON.stringify(inOrder(file.card).filter(isUsed).map(publicKey)),
		VAULT_KEKS: secrets(file.vault),
		FINGERPRINT_KEY: file.fingerprint ?? "",
		AUTH_SECRET: file.auth?.secret ?? "",
		CODE_PEPPER: file.auth?.pepper ?? "",
		SMS_TOKEN: file.sms ?? "",
		PAYMENT_KEY: file.payment ?? "",
	};
}

const publicKey = ({ jwk, kid }: KeyPair) => publicPart({ ...jwk, kid });

/** What may be shown of a key: RFC 7517's members of an elliptic or RSA public key. */
export function publicPart({ kty, crv, kid, alg, x, y, n, e }: JsonWebKey): JsonWebKey {
	return JSON.parse(JSON.stringify({ kty, crv, kid, alg, x, y, n, e }));
}
