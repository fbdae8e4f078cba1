declare namespace Cloudflare {
	/** What vitest.config.ts binds beside what a Worker has: the migrations of each kind of database that is there. */
	interface Env {
		CUSTOMER_MIGRATIONS: import("cloudflare:test").D1Migration[];
		SYSOPS_MIGRATIONS: import("cloudflare:test").D1Migration[];
		BILLING_MIGRATIONS: import("cloudflare:test").D1Migration[];
		NOTIFICATION_MIGRATIONS: import("cloudflare:test").D1Migration[];
		ANALYTICS_MIGRATIONS: import("cloudflare:test").D1Migration[];
		IDENTITY_MIGRATIONS: import("cloudflare:test").D1Migration[];
	}
}

interface ImportMeta {
	/** Vite's, as far as it is used here. */
	glob<Content>(pattern: string, options: { query: "?raw"; import: "default"; eager: true }): Record<string, Content>;
}
