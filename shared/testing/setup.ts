import { reset } from "cloudflare:test";
import { afterEach, beforeEach } from "vitest";
import { migrateDatabases } from "./migrations.ts";

beforeEach(migrateDatabases);

/** Storage is isolated for each file only. */
afterEach(() => reset());
