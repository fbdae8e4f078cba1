declare namespace Cloudflare {
	/** What the vitest project "messaging" binds beside the databases. */
	interface Env {
		CUSTOMER_MIGRATIONS: import("cloudflare:test").D1Migration[];
		SYSOPS_MIGRATIONS: import("cloudflare:test").D1Migration[];
	}
}
