import {
	closeSync,
	existsSync,
	fsyncSync,
	mkdirSync,
	openSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import * as v from "valibot";
import { workerNames } from "../workers.ts";
import { KeyFile } from "./format.ts";
import { cardKey, newSecret, secretKey, signingKey } from "./new-key.ts";
import { carryOver } from "./older-file.ts";
import { Refused } from "./rotation.ts";

/** The keys of the file, or undefined where there is none. One of an older format is read as today's. */
export function readKeyFile(path: string): KeyFile | undefined {
	if (!existsSync(path)) return undefined;
	const json = parse(readFileSync(path, "utf8"));
	const { success, output, issues } = v.safeParse(KeyFile, json);
	if (success) return output;
	const carried = carryOver(json, Math.floor(statSync(path).mtimeMs));
	if (carried) return carried;
	// neither value nor text of what is wrong: it may be a key
	const places = [...new Set(issues.map((issue) => v.getDotPath(issue) ?? "the whole"))];
	throw new Refused(`${path} is no key file: ${places.join(", ")} is not as it should be. Nothing has been changed.`);
}

/**
 * Writes the file in one step, for its owner only: whoever is killed in the middle leaves the old one. `before` is what was
 * read: refuses when somebody else has written since.
 */
export function writeKeyFile(path: string, keys: KeyFile, before: KeyFile | undefined): void {
	const text = `${JSON.stringify(v.parse(KeyFile, keys), null, "\t")}\n`;
	if (JSON.stringify(readKeyFile(path)) !== JSON.stringify(before)) {
		throw new Refused(`${path} has been written by somebody else just now. Nothing has been changed: try again.`);
	}
	mkdirSync(dirname(path), { recursive: true });
	const fresh = `${path}.${process.pid}.new`;
	try {
		const file = openSync(fresh, "wx", 0o600);
		try {
			writeFileSync(file, text);
			fsyncSync(file);
		} finally {
			closeSync(file);
		}
		renameSync(fresh, path);
	} catch (error) {
		rmSync(fresh, { force: true });
		throw error;
	}
}

/** With a key for every purpose; what only some installations have may be missing. */
export type CompleteKeys = Required<Omit<KeyFile, "sms" | "payment" | "access">> & Pick<KeyFile, "sms" | "payment" | "access">;

/** The same keys, and of each purpose that has none a new one. What is there is never touched. */
export function complete(known: KeyFile | undefined, now: number): CompleteKeys {
	const signing = workerNames.map((worker) => [worker, known?.signing[worker] ?? [signingKey(worker, now)]]);
	return {
		...known,
		format: 2,
		signing: Object.fromEntries(signing),
		session: known?.session ?? [secretKey("session", now)],
		survey: known?.survey ?? [secretKey("survey", now)],
		card: known?.card ?? [cardKey(now)],
		vault: known?.vault ?? [secretKey("kek", now)],
		fingerprint: known?.fingerprint ?? newSecret(),
		auth: known?.auth ?? { secret: newSecret(), pepper: newSecret() },
	};
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
