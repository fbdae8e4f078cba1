import { defineConfig } from "drizzle-kit";

/** One kind of database at a time; `npm run generate` sets both. */
const { QUANTUM: quantum = "", MIGRATIONS: out = `./migrations/${quantum}` } = process.env;

export default defineConfig({ dialect: "sqlite", schema: `./workers/${quantum}/tables.ts`, out });
