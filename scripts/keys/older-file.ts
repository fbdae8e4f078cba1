import * as v from "valibot";
import { workerNames } from "../workers.ts";
import { type Held, KeyFile } from "./format.ts";

const Named = v.looseObject({ kid: v.string() });
const Secret = v.object({ kid: v.string(), secret: v.string() });

/** A local stack's keys before they had lives: one of a purpose, or a list whose first was in use. */
const OlderFile = v.strictObject({
	signing: v.strictObject(v.entriesFromList(workerNames, v.optional(Named))),
	session: Secret,
	survey: v.optional(Secret),
	card: v.optional(v.array(v.looseObject({ kid: v.string(), retiredAt: v.optional(v.number()) })), []),
	vault: v.optional(v.array(v.object({ id: v.string(), secret: v.string() })), []),
	fingerprint: v.optional(v.string()),
	sms: v.optional(v.string()),
	auth: v.optional(v.object({ secret: v.string(), pepper: v.string() })),
	access: v.optional(Named),
});

/**
 * The same keys in today's format; undefined for what is no older file. `writtenAt`: of the file, than which no key in it is
 * younger.
 */
export function carryOver(older: unknown, writtenAt: number): KeyFile | undefined {
	const { success, output } = v.safeParse(OlderFile, older);
	if (!success) return undefined;
	const { signing, session, survey, card, vault, ...rest } = output;
	const inUse = { state: "current", createdAt: writtenAt, retiredAt: null } as const;
	const life = (i: number, retiredAt?: number): Omit<Held, "kid"> => {
		if (i === 0) return inUse;
		return { ...inUse, state: "retired", retiredAt: retiredAt ?? writtenAt };
	};
	const pairs = Object.entries(signing).map(([worker, key]) => [worker, key ? [pair(key, inUse)] : undefined]);
	const keys = {
		...rest,
		format: 2,
		signing: Object.fromEntries(pairs),
		session: [{ ...session, ...inUse }],
		survey: survey && [{ ...survey, ...inUse }],
		card: card.length === 0 ? undefined : card.map(({ retiredAt, ...key }, i) => pair(key, life(i, retiredAt))),
		vault: vault.length === 0 ? undefined : vault.map(({ id, secret }, i) => ({ kid: id, secret, ...life(i) })),
	};
	// through JSON: what is undefined is not there
	return v.parse(KeyFile, JSON.parse(JSON.stringify(keys)));
}

const pair = ({ kid, ...jwk }: v.InferOutput<typeof Named>, life: Omit<Held, "kid">) => ({ kid, ...life, jwk });
