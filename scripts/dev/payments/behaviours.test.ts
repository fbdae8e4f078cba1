import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { brandOf, isLuhnValid } from "../../../shared/cards.ts";
import { sandboxPan } from "../../../shared/testing/payments.ts";
import { root } from "../../run.ts";
import { behaviourOf, chosenBy, readToken, tokenOf } from "./behaviours.ts";

test("the numbers that choose what a card does are those of the document, and each is one that billing takes", () => {
	const document = readFileSync(join(root, "docs/payments-sandbox.md"), "utf8");
	const published = [...document.matchAll(/^\| `(\d+)` \|/gm)].map(([, number]) => number ?? "");

	expect(published).toEqual([...chosenBy.keys()]);
	expect(published.toSorted()).toEqual(Object.values(sandboxPan).toSorted());
	for (const number of published) expect([brandOf(number), isLuhnValid(number)]).toEqual(["visa", true]);
});

test("a token says what its card does, and one that is none says nothing", () => {
	for (const number of [...chosenBy.keys(), "4242424242424242"]) {
		const behaviour = behaviourOf(number);
		if (behaviour !== "declined") expect(readToken(tokenOf(behaviour, "crd_1"))).toBe(behaviour);
	}
	for (const token of ["", "tok", "tok.good", "tok.good.", "tok.better.crd_1", "tok.declined.crd_1", "pm.good.crd_1"]) {
		expect(readToken(token)).toBeUndefined();
	}
});
