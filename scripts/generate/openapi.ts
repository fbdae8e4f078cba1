import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openapi as document } from "../openapi/document.ts";
import { root } from "../run.ts";
import type { Generator } from "./generator.ts";

const file = "workers/customer/public/openapi.json";
const path = join(root, file);
const text = () => `${JSON.stringify(document(), null, "\t")}\n`;

/** The description of the API: an asset beside the Worker, of which the Worker itself contains nothing. */
export const openapi: Generator = {
	async check() {
		const current = existsSync(path) ? readFileSync(path, "utf8") : "";
		return current === text() ? [] : [`${file} does not follow scripts/openapi and the schemas of the routes`];
	},
	async write() {
		writeFileSync(path, text());
	},
};
