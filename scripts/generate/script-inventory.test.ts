import { expect, test } from "vitest";
import { inventoryDifferences } from "./script-inventory.ts";

const script = { path: "/assets/card.0123456789ab.js", integrity: "sha384-AAAA" };
const entry = { ...script, pages: ["/cards/new"], why: "Encrypts a card number in the browser." };

test("a script that is listed as it is built is all right", () => {
	expect(inventoryDifferences([entry], [script])).toEqual([]);
});

test("a script that has changed, or is new, is named with what to enter", () => {
	for (const built of [
		{ ...script, integrity: "sha384-BBBB" },
		{ ...script, path: "/assets/card.ba9876543210.js" },
	]) {
		const [first] = inventoryDifferences([entry], [built]);
		expect(first).toContain(`"path": "${built.path}", "integrity": "${built.integrity}"`);
	}
});

test("a script that is listed and not built any more is named", () => {
	expect(inventoryDifferences([entry], [])).toEqual([expect.stringContaining(`lists ${script.path}, which is not built`)]);
});

test.each([{}, [script], [{ ...entry, why: "" }], [{ ...entry, pages: [] }], [{ ...entry, more: 1 }]])(
	"%j is no inventory",
	(inventory) => {
		expect(inventoryDifferences(inventory, [script])).toEqual([expect.stringContaining("is not a list of scripts")]);
	},
);
