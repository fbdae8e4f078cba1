import { days } from "../../shared/time.ts";
import { instant } from "./commands.ts";
import type { Held, KeyFile } from "./format.ts";
import { allRings, keysOf, nameOf, type Ring } from "./rings.ts";
import { isDue, overAt, rules } from "./rotation.ts";

/** What there is, how old it is and what is due, without a secret. */
export function listKeys(file: KeyFile, now: number): string {
	const rows = allRings.flatMap((ring) => keysOf(file, ring).map((key) => row(file, ring, key, now)));
	const table = [["for", "key", "state", "days old", ""], ...rows];
	const widths = [0, 1, 2, 3].map((i) => Math.max(...table.map((cells) => cells[i]?.length ?? 0)));
	return table
		.map((cells) =>
			cells
				.map((cell, i) => cell.padEnd(widths[i] ?? 0))
				.join("  ")
				.trimEnd(),
		)
		.join("\n");
}

function row(file: KeyFile, ring: Ring, key: Held, now: number): string[] {
	return [nameOf(ring), key.kid, key.state, String(Math.floor((now - key.createdAt) / days)), note(file, ring, key, now)];
}

function note(file: KeyFile, ring: Ring, key: Held, now: number): string {
	switch (key.state) {
		case "added":
		case "leaving":
			return `under way: npm run keys -- rotate ${nameOf(ring)} tells how it goes on`;
		case "current":
			return isDue(ring.purpose, keysOf(file, ring), now)
				? `DUE after ${(rules[ring.purpose].longestUse ?? 0) / days} days: npm run keys -- rotate ${nameOf(ring)}`
				: "";
		case "retired": {
			const until = overAt(ring.purpose, key) ?? 0;
			return now >= until ? "DUE to be destroyed: npm run keys -- prune" : `kept until ${instant(until)}`;
		}
	}
}
