import { expect, it } from "vitest";
import { bundle, forbiddenIn } from "../scripts/bundles.ts";

it("finds what a bundle must not contain", async () => {
	// given a Worker that imports zod, test code and a script
	const made = await bundle("test/bundles/wrangler.toml");
	// when
	const forbidden = forbiddenIn(made);
	// then
	expect(forbidden).toContainEqual(expect.stringMatching(/node_modules\/zod\//));
	expect(forbidden).toContain("shared/testing/bindings.ts");
	expect(forbidden).toContain("scripts/workers.ts");
	expect(forbidden).toContain("test/bundles/index.ts");
	expect(made.size).toBeGreaterThan(10_000);
}, 30_000);

it("knows packages by their folder, however deep, and takes no other of a similar name for them", () => {
	const inside = ["node_modules/a/node_modules/hono-openapi/dist/index.js", "node_modules/zod/v4/core.js"];
	const outside = ["node_modules/zod-like/index.js", "node_modules/a/scripts/index.js", "shared/sql.ts"];
	expect(forbiddenIn({ files: [...inside, ...outside] })).toEqual(inside);
});
