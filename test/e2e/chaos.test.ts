import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { chaos } from "../../scripts/chaos/chaos.ts";

test("three kills of the whole stack lose, double and change nothing", { timeout: 900_000 }, async () => {
	// given clients that post while the stack is killed at random moments
	const home = mkdtempSync(join(tmpdir(), "chaos-"));
	try {
		const { failures, kills, promised, cards, paying } = await chaos({ kills: 3, seed: 1, home, tell: () => {} });

		// then every promise is kept
		expect(failures).toEqual([]);

		// and there was something to lose
		expect(promised.tickets.length).toBeGreaterThan(20);
		expect(promised.comments.length + promised.cancellations.length).toBeGreaterThan(0);
		expect(cards.length).toBeGreaterThan(0);
		expect(new Set(paying.map(({ months }) => months))).toEqual(new Set([1, 3]));
		expect(kills[0]?.months).toBeGreaterThan(0);
		expect(kills).toHaveLength(3);
		expect(kills.reduce((sum, { outbox, inFlight }) => sum + outbox + inFlight, 0)).toBeGreaterThan(0);
	} finally {
		rmSync(home, { recursive: true, force: true });
	}
});
