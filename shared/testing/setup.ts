import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach } from "vitest";

beforeEach(async () => {
	await applyD1Migrations(env.CUSTOMER_DB_00, env.CUSTOMER_MIGRATIONS);
	await applyD1Migrations(env.CUSTOMER_DB_01, env.CUSTOMER_MIGRATIONS);
	await applyD1Migrations(env.SYSOPS_DB, env.SYSOPS_MIGRATIONS);
});

/** Storage is isolated for each file only. */
afterEach(() => reset());
