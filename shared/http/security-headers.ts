import { createMiddleware } from "hono/factory";

/** Where browsers report what a policy has kept from happening, and the name of that in the header of reports. */
export const reportsPath = "/api/reports/csp";
const reportsName = "csp";

/** What a page may load and where it may send a form: nothing but our own, and never a script in the text of a page. */
const policyFor = (formAction: string) =>
	[
		"default-src 'none'",
		"style-src 'self'",
		"img-src 'self'",
		`form-action ${formAction}`,
		"base-uri 'none'",
		"frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
		"trusted-types 'none'",
		`report-uri ${reportsPath}`,
		`report-to ${reportsName}`,
	].join("; ");

const policy = policyFor("'self'");

/** Of a page without script, and of one that has the script of signing in, which calls our own API. */
export const contentPolicies = {
	plain: policy,
	script: `${policy}; script-src 'self'; connect-src 'self'`,
} as const;

/**
 * Of the page on which a card number is typed: one script by its whole address, which talks to the operations of cards
 * and to nothing else, and no form that could be sent. A path needs its origin: `'self'` has none.
 */
export function cardHeaders(origin: string, script: string): Readonly<Record<string, string>> {
	const connect = ["/api/v1/cards/intents", "/api/v1/cards"].map((path) => origin + path).join(" ");
	return {
		"content-security-policy": `${policyFor("'none'")}; script-src ${origin}${script}; connect-src ${connect}`,
		"integrity-policy": "blocked-destinations=(script)",
	};
}

const off = [
	"accelerometer",
	"camera",
	"display-capture",
	"geolocation",
	"gyroscope",
	"magnetometer",
	"microphone",
	"midi",
	"payment",
	"serial",
	"usb",
];

/** Of every answer. */
export const everyHeaders: Readonly<Record<string, string>> = {
	"content-security-policy": contentPolicies.plain,
	"reporting-endpoints": `${reportsName}="${reportsPath}"`,
	"strict-transport-security": "max-age=63072000; includeSubDomains",
	// what may be kept says so
	"cache-control": "no-store",
	"x-content-type-options": "nosniff",
	"x-frame-options": "DENY",
	"cross-origin-opener-policy": "same-origin",
	"cross-origin-resource-policy": "same-origin",
	"referrer-policy": "same-origin",
	"permissions-policy": [
		"publickey-credentials-get=(self)",
		"publickey-credentials-create=(self)",
		...off.map((feature) => `${feature}=()`),
	].join(", "),
};

/** On every answer, errors included. A page that needs another policy has set it. */
export const securityHeaders = createMiddleware(async (c, next) => {
	await next();
	for (const [name, value] of Object.entries(everyHeaders)) if (!c.res.headers.has(name)) c.header(name, value);
});
