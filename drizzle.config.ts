import { defineConfig } from "drizzle-kit";

/** One kind of database at a time: `QUANTUM=customer drizzle-kit generate`. */
const quantum = process.env["QUANTUM"] ?? "";

export default defineConfig({
	dialect: "sqlite",
	schema: `./workers/${quantum}/tables.ts`,
	out: `./migrations/${quantum}`,
});
