import type { WorkerName } from "../../shared/events/topology.ts";
import { workerNames } from "../workers.ts";
import { type Held, type KeyFile, type SharedPurpose, sharedPurposes } from "./format.ts";
import { cardKey, secretKey, signingKey } from "./new-key.ts";
import { Refused } from "./rotation.ts";

/** Which keys: those of one purpose, or one Worker's signing keys. */
export type Ring = { readonly purpose: SharedPurpose } | { readonly purpose: "signing"; readonly worker: WorkerName };

/** Every ring there is. */
export const allRings: readonly Ring[] = [
	...sharedPurposes.map((purpose) => ({ purpose })),
	...workerNames.map((worker) => ({ purpose: "signing", worker }) as const),
];

/** The rings that a person names; `signing` without a Worker means each one's. */
export function ringsNamed(purpose: string | undefined, worker: string | undefined): readonly Ring[] {
	const named = allRings.filter(
		(ring) => ring.purpose === purpose && (worker === undefined || nameOf(ring).endsWith(` ${worker}`)),
	);
	if (named.length > 0) return named;
	if (purpose !== "signing" || worker === undefined) {
		throw new Refused(`What is to be rotated is one of: signing [worker], ${sharedPurposes.join(", ")}.`);
	}
	throw new Refused(`Those who sign are: ${workerNames.join(", ")}; not "${worker}".`);
}

/** As a person writes it. */
export const nameOf = (ring: Ring) => (ring.purpose === "signing" ? `signing ${ring.worker}` : ring.purpose);

export function keysOf(file: KeyFile, ring: Ring): readonly Held[] {
	return (ring.purpose === "signing" ? file.signing[ring.worker] : file[ring.purpose]) ?? [];
}

/** Makes other keys of those of a ring. `newKey` makes one of its kind. */
export type Change = <Key extends Held>(keys: readonly Key[], newKey: () => Key) => Key[];

/** The file with one ring changed. */
export function changeRing(file: KeyFile, ring: Ring, now: number, change: Change): KeyFile {
	if (keysOf(file, ring).length === 0)
		throw new Refused(`There is no key for ${nameOf(ring)} yet: npm run keys -- init makes it.`);
	switch (ring.purpose) {
		case "signing": {
			const { worker } = ring;
			const keys = change(file.signing[worker] ?? [], () => signingKey(worker, now));
			return { ...file, signing: { ...file.signing, [worker]: keys } };
		}
		case "card":
			return { ...file, card: change(file.card ?? [], () => cardKey(now)) };
		case "vault":
			return { ...file, vault: change(file.vault ?? [], () => secretKey("kek", now)) };
		case "session":
		case "survey":
			return { ...file, [ring.purpose]: change(file[ring.purpose] ?? [], () => secretKey(ring.purpose, now)) };
	}
}
