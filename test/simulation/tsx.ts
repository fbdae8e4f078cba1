import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { type Options, transformSync } from "@swc/core";

/** Node strips types and knows no JSX; what notification writes to customers is made of it. */
const options: Options = {
	jsc: {
		target: "es2024",
		parser: { syntax: "typescript", tsx: true },
		transform: { react: { runtime: "automatic", importSource: "hono/jsx" } },
	},
};

registerHooks({
	load(url, context, next) {
		if (!url.endsWith(".tsx")) return next(url, context);
		const { code } = transformSync(readFileSync(fileURLToPath(url), "utf8"), options);
		return { format: "module", source: code, shortCircuit: true };
	},
});
