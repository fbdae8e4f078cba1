import { expect, it } from "vitest";
import { complete } from "./lockfile.ts";

/** A lock file with one tool that has a package for each of these platforms, of which npm has seen those in `seen`. */
function lockOf(platforms: readonly string[], seen: readonly string[]) {
	const own = { name: "product", version: "1.0.0" };
	const optionalDependencies = Object.fromEntries(platforms.map((name) => [name, "2.0.0"]));
	const entries = seen.map((name) => [`node_modules/${name}`, { version: "2.0.0", optional: true, integrity: "sha512-x" }]);
	return {
		packages: { "": own, "node_modules/tool": { version: "2.0.0", optionalDependencies }, ...Object.fromEntries(entries) },
	};
}

it("a lock without the packages of other platforms is completed, and npm's own entries stay as they are", () => {
	// given what npm writes on a machine that has seen one platform only
	const lock = lockOf(["@tool/cli-linux-x64", "@tool/cli-linux-arm64-musl", "@tool/win32-ia32"], ["@tool/cli-linux-x64"]);
	// when
	const { packages } = complete(lock);
	// then
	const platform = { version: "2.0.0", dev: true, optional: true };
	expect(packages).toEqual({
		...lock.packages,
		"node_modules/@tool/cli-linux-arm64-musl": { ...platform, os: ["linux"], cpu: ["arm64"], libc: ["musl"] },
		"node_modules/@tool/win32-ia32": { ...platform, os: ["win32"], cpu: ["ia32"] },
	});
});

it("the entries are in npm's order: the product itself, then by name", () => {
	const { packages } = complete(lockOf(["tool-darwin-x64", "@tool/linux-x64", "another-linux-arm"], []));

	expect(Object.keys(packages)).toEqual([
		"",
		"node_modules/@tool/linux-x64",
		"node_modules/another-linux-arm",
		"node_modules/tool",
		"node_modules/tool-darwin-x64",
	]);
});

it("a complete lock is left alone", () => {
	const lock = lockOf(["@tool/linux-x64", "@tool/darwin-arm64"], ["@tool/darwin-arm64", "@tool/linux-x64"]);

	expect(complete(lock)).toEqual(lock);
});

it("a package that another one keeps for itself is not added a second time", () => {
	const lock = lockOf(["@tool/linux-x64"], ["tool/node_modules/@tool/linux-x64"]);

	expect(complete(lock)).toEqual(lock);
});

it.each(["@tool/helper", "@tool/cli-linux", "@tool/cli-x64", "@tool/cli-linux-darwin-x64"])(
	"%s, whose name does not say for which one platform it is, is refused by name",
	(name) => {
		expect(() => complete(lockOf([name], []))).toThrow(`${name} does not say for which platform it is`);
	},
);
