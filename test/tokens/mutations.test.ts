import { expect, it } from "vitest";
import { hunt } from "./hunt.ts";
import { kinds } from "./kinds.ts";
import { mutations } from "./mutations.ts";

const [seed, runs] = [1, 5000];
const { counts, findings } = await hunt(seed, runs);

it(`of ${runs} mutated tokens none is believed that says what nobody has signed or sealed, and none makes a verifier throw`, () => {
	expect(findings).toEqual([]);
});

it("every mutation was tried on every sort of token, and is no ruin that anybody would refuse", () => {
	const tried = kinds.flatMap(({ name }) => Object.keys(mutations).map((mutation) => `${name}: ${mutation}`));
	expect(tried.filter((name) => (counts.get(name)?.refused ?? 0) < 1 && !name.endsWith("another one whole"))).toEqual([]);
	for (const { name } of kinds) expect(counts.get(`${name}: last characters`)?.["same meaning"]).toBeGreaterThan(0);
});

it("a seed reproduces its hunt", async () => {
	const [once, again, other] = [await hunt(7, 200), await hunt(7, 200), await hunt(8, 200)];

	expect(again).toEqual(once);
	expect(other).not.toEqual(once);
});
