import { days, hours } from "../../shared/time.ts";
import type { Held } from "./format.ts";

export type Purpose = "signing" | "session" | "survey" | "card" | "vault";

interface Rules {
	/** From when a key is retired, after the deploy by which nobody uses it any more. */
	readonly retiresAfter: number;
	/** How long a retired key is still good for what it has left behind. */
	readonly overlap: number;
	/** When a key is due to be replaced; null: when there is a reason. */
	readonly longestUse: number | null;
}

/** docs/runbooks says why each number is what it is. */
export const rules: Readonly<Record<Purpose, Rules>> = {
	// A send is relied upon for 29 days
	signing: { retiresAfter: 0, overlap: 60 * days, longestUse: null },
	// A token passes for an hour at most, while identity is away
	session: { retiresAfter: 0, overlap: hours, longestUse: null },
	// An invitation is good for 30 days
	survey: { retiresAfter: 0, overlap: 31 * days, longestUse: null },
	// Who was handed the old key has 10 minutes to submit a card, which may wait in the outbox for 15 days
	card: { retiresAfter: hours, overlap: 60 * days, longestUse: 90 * days },
	// A database may be put back by 30 days
	vault: { retiresAfter: 0, overlap: 30 * days, longestUse: 90 * days },
};

export class Refused extends Error {}

export type Step = "add" | "switch" | "retire";

/** What the next step is; `add` begins a rotation. */
export function nextStep(keys: readonly Held[]): Step {
	if (keys.some(({ state }) => state === "added")) return "switch";
	return keys.some(({ state }) => state === "leaving") ? "retire" : "add";
}

/**
 * The keys after the next step. A step supposes that the one before it is in force everywhere: then each is safe while it is
 * deployed, in whatever order. `newKey` is called by the first one only.
 */
export function rotate<Key extends Held>(purpose: Purpose, keys: readonly Key[], now: number, newKey: () => Key): Key[] {
	switch (nextStep(keys)) {
		case "add":
			return [...keys, { ...newKey(), state: "added" }];
		case "switch":
			return keys.map((key) => {
				if (key.state === "current") return { ...key, state: "leaving" };
				return key.state === "added" ? { ...key, state: "current" } : key;
			});
		case "retire":
			return keys.map((key) =>
				key.state === "leaving" ? { ...key, state: "retired", retiredAt: now + rules[purpose].retiresAfter } : key,
			);
	}
}

/**
 * The keys before the last step: a key that nobody has used goes away, one that is leaving comes back, and the newer one leaves
 * in its place, since it has been used. Refuses where nothing is under way.
 */
export function goBack<Key extends Held>(keys: readonly Key[]): Key[] {
	if (keys.some(({ state }) => state === "added")) return keys.filter(({ state }) => state !== "added");
	if (!keys.some(({ state }) => state === "leaving")) {
		throw new Refused("No rotation is under way. A key that is retired does not come back: begin another rotation.");
	}
	return keys.map((key) => {
		if (key.state === "leaving") return { ...key, state: "current" };
		return key.state === "current" ? { ...key, state: "leaving" } : key;
	});
}

/** When a key may be destroyed; null as long as it is not retired. */
export function overAt(purpose: Purpose, { retiredAt }: Held): number | null {
	return retiredAt === null ? null : retiredAt + rules[purpose].overlap;
}

/** The keys that are past their overlap, and those that stay. */
export function prune<Key extends Held>(purpose: Purpose, keys: readonly Key[], now: number): { gone: Key[]; kept: Key[] } {
	const isOver = (key: Key) => now >= (overAt(purpose, key) ?? Number.POSITIVE_INFINITY);
	return { gone: keys.filter(isOver), kept: keys.filter((key) => !isOver(key)) };
}

/** Is the key that is used old enough to be replaced, and nothing done about it? */
export function isDue(purpose: Purpose, keys: readonly Held[], now: number): boolean {
	const { longestUse } = rules[purpose];
	const current = keys.find(({ state }) => state === "current");
	return longestUse !== null && current !== undefined && nextStep(keys) === "add" && now - current.createdAt >= longestUse;
}
