import { readFileSync, statSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { workerConfigs } from "../dev/configs.ts";
import { lastStack, logFile, portIsFree } from "../dev/home.ts";
import type { DevKeys } from "../dev/keys.ts";
import { refreshVariables } from "../dev/vars.ts";

/** Milliseconds: a reload takes about one. */
const longestReload = 60_000;
/** Milliseconds without another reload: wrangler takes each Worker's configuration on its own, now and then two in one. */
const quiet = 5000;

/**
 * Gives a local stack that runs the keys of the file and waits until all its Workers have them. `none`: nothing runs here, and
 * the next start reads the file. `late`: wrangler has not said that it reloaded.
 */
export async function giveToRunningStack(keys: DevKeys): Promise<"taken" | "none" | "late"> {
	const stack = lastStack();
	if (stack === undefined || (await portIsFree(stack.port))) return "none";
	const from = statSync(logFile).size;
	const changed = refreshVariables(workerConfigs, keys, stack);
	if (changed === 0) return "taken";
	const began = Date.now();
	let calmSince = began;
	let read = 0;
	while (Date.now() - began < longestReload) {
		await wait(100);
		const lines = readFileSync(logFile, "utf8").slice(from).split("\n");
		const reloads = lines.filter((line) => /Reloading local server|Local server updated and ready/.test(line));
		if (reloads.length !== read) calmSince = Date.now();
		read = reloads.length;
		if (!reloads.at(-1)?.includes("updated and ready")) continue;
		if (reloads.length >= 2 * changed || Date.now() - calmSince >= quiet) return "taken";
	}
	return "late";
}
