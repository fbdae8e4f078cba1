import type { DeployedWorker } from "../workers.ts";
import { type Deploy, deploysAfter } from "./deploys.ts";
import type { KeyFile } from "./format.ts";
import { allRings, changeRing, keysOf, nameOf, type Ring } from "./rings.ts";
import { goBack, nextStep, overAt, prune, Refused, rotate, type Step } from "./rotation.ts";

/** A key file after a command, and what has to follow. */
export interface Outcome {
	readonly file: KeyFile;
	readonly deploys: readonly Deploy[];
	/** For a person: what has happened, and what is to be done next once the deploys are. */
	readonly told: readonly string[];
}

/**
 * The next step of each ring's rotation. `done` says that what the last step asked for is in force everywhere: a step that
 * follows another one is refused without.
 */
export function rotateRings(file: KeyFile, rings: readonly Ring[], { now, done }: { now: number; done: boolean }): Outcome {
	const waiting = rings.filter((ring) => nextStep(keysOf(file, ring)) !== "add");
	if (waiting.length > 0 && !done) throw new NotDone(waiting.map((ring) => ({ ring, step: lastStep(file, ring) })));
	if (waiting.length === 0 && done) throw new Refused("No rotation is under way that could be done. Without --done one begins.");
	let changed = file;
	const deploys: Deploy[] = [];
	const told: string[] = [];
	// with --done only what is under way goes on
	for (const ring of waiting.length > 0 ? waiting : rings) {
		const step = nextStep(keysOf(file, ring));
		changed = changeRing(changed, ring, now, (keys, newKey) => rotate(ring.purpose, keys, now, newKey));
		deploys.push(...deploysAfter(ring.purpose, step, workerOf(ring)));
		told.push(`${nameOf(ring)}: ${whatHappened(changed, ring, step)}`);
	}
	return { file: changed, deploys: unique(deploys), told };
}

/** Takes back the last step of each ring that is under way. */
export function goBackRings(file: KeyFile, rings: readonly Ring[], now: number): Outcome {
	const underWay = rings.filter((ring) => nextStep(keysOf(file, ring)) !== "add");
	let changed = file;
	for (const ring of underWay.length > 0 ? underWay : rings) changed = changeRing(changed, ring, now, (keys) => goBack(keys));
	const deploys = underWay.flatMap((ring) => deploysAfter(ring.purpose, lastStep(file, ring), workerOf(ring)));
	const told = underWay.map((ring) => `${nameOf(ring)}: ${currentOf(changed, ring)} is in use, as before the last step.`);
	return { file: changed, deploys: unique(deploys), told };
}

/** Destroys what is past its overlap. `leaked`: that key now, whatever is still signed, sealed or handed out with it. */
export function pruneRings(file: KeyFile, now: number, leaked?: string): Outcome {
	let changed = file;
	const deploys: Deploy[] = [];
	const told: string[] = [];
	if (leaked !== undefined) refuseToDestroy(file, leaked);
	for (const ring of allRings) {
		const before = keysOf(file, ring);
		if (before.length === 0) continue;
		changed = changeRing(changed, ring, now, (keys) =>
			leaked === undefined ? prune(ring.purpose, keys, now).kept : keys.filter(({ kid }) => kid !== leaked),
		);
		const after = keysOf(changed, ring);
		for (const { kid } of before.filter((key) => !after.some((kept) => kept.kid === key.kid))) {
			told.push(`${nameOf(ring)}: ${kid} is destroyed.`);
			deploys.push(...deploysAfter(ring.purpose, "prune"));
		}
		for (const key of leaked === undefined ? after : []) {
			const until = overAt(ring.purpose, key);
			if (until !== null) told.push(`${nameOf(ring)}: ${key.kid} is kept until ${instant(until)}.`);
		}
	}
	return {
		file: changed,
		deploys: unique(deploys),
		told: told.length > 0 ? told : ["No key is retired: there is nothing to destroy."],
	};
}

/** The last step asked for something that nobody has said to be done. */
export class NotDone extends Error {
	readonly waiting: readonly { readonly ring: Ring; readonly step: Step }[];
	constructor(waiting: NotDone["waiting"]) {
		super("The last step comes first: nothing has been changed.");
		this.waiting = waiting;
	}
}

/** What is to be done before `--done`, in words; the deploys come before it. */
export function beforeDone(ring: Ring, step: Step): string | undefined {
	if (ring.purpose === "vault" && step === "switch") {
		return "wait until GET /api/v1/vault of billing shows nothing left under the old key-encryption key (a job wraps data keys again, every hour)";
	}
	return undefined;
}

export const instant = (at: number) => new Date(at).toISOString();
/** Those that a step of each ring has asked for. */
export const deploysFor = (steps: NotDone["waiting"]) =>
	unique(steps.flatMap(({ ring, step }) => deploysAfter(ring.purpose, step, workerOf(ring))));

/** Of a rotation that is under way. */
const lastStep = (file: KeyFile, ring: Ring): Step => (nextStep(keysOf(file, ring)) === "switch" ? "add" : "switch");

const workerOf = (ring: Ring): DeployedWorker | undefined => (ring.purpose === "signing" ? ring.worker : undefined);
const currentOf = (file: KeyFile, ring: Ring) => keysOf(file, ring).find(({ state }) => state === "current")?.kid ?? "";
const unique = (deploys: readonly Deploy[]) =>
	deploys.filter((one, i) => deploys.findIndex(({ worker, name }) => worker === one.worker && name === one.name) === i);

function whatHappened(file: KeyFile, ring: Ring, step: Step): string {
	const keys = keysOf(file, ring);
	switch (step) {
		case "add":
			return `${keys.find(({ state }) => state === "added")?.kid} is made. Nobody uses it before everybody knows it.`;
		case "switch":
			return `${currentOf(file, ring)} is in use from now on; ${keys.find(({ state }) => state === "leaving")?.kid} stays known.`;
		case "retire": {
			const retired = keys
				.filter(({ state }) => state === "retired")
				.toSorted((a, b) => (b.retiredAt ?? 0) - (a.retiredAt ?? 0))[0];
			const until = retired && overAt(ring.purpose, retired);
			return `${retired?.kid} is retired. It may be destroyed from ${until ? instant(until) : ""} on: npm run keys -- prune`;
		}
	}
}

function refuseToDestroy(file: KeyFile, kid: string): void {
	const found = allRings.flatMap((ring) => keysOf(file, ring).map((key) => ({ ring, key }))).find(({ key }) => key.kid === kid);
	if (!found) throw new Refused(`There is no key "${kid}" that rotates. npm run keys -- list shows what there is.`);
	if (found.key.state === "current") {
		throw new Refused(`${kid} is in use: first npm run keys -- rotate ${nameOf(found.ring)}, until another one is.`);
	}
}
