import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import type { KeyFile } from "../keys/format.ts";
import { type CompleteKeys, complete, readKeyFile, writeKeyFile } from "../keys/key-file.ts";
import { newSecret } from "../keys/new-key.ts";
import { home } from "./home.ts";

/** Keys of one local stack, made once and kept beside its data. They are worth nothing anywhere else. */
export type DevKeys = Required<KeyFile>;

export const devKeyFile = join(home, "dev-keys.json");

/** The keys of this stack; what is missing, all or those of a new Worker, is made. */
export function makeKeys(): DevKeys {
	const known = readKeyFile(devKeyFile);
	const keys = withDevelopment(complete(known, Date.now()));
	if (JSON.stringify(keys) !== JSON.stringify(known)) writeKeyFile(devKeyFile, keys, known);
	return keys;
}

/** The keys of this stack, or undefined before it was started for the first time. */
export function readKeys(): KeyFile | undefined {
	return readKeyFile(devKeyFile);
}

/** With what only a local stack has keys for: its sandboxes of text messages and payments and its issuer of Access tokens. */
function withDevelopment(keys: CompleteKeys): DevKeys {
	return {
		...keys,
		sms: keys.sms ?? newSecret(),
		payment: keys.payment ?? newSecret(),
		access: keys.access ?? {
			...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }),
			kty: "RSA",
			kid: "dev-access",
			alg: "RS256",
		},
	};
}
