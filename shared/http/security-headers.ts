import { createMiddleware } from "hono/factory";

/** What a page may load and where it may send a form: nothing but our own, and never a script in the text of a page. */
const policy = [
	"default-src 'none'",
	"style-src 'self'",
	"img-src 'self'",
	"form-action 'self'",
	"base-uri 'none'",
	"frame-ancestors 'none'",
	"require-trusted-types-for 'script'",
	"trusted-types 'none'",
].join("; ");

/** Of a page without script, and of one that has the script of signing in, which calls our own API. */
export const contentPolicies = {
	plain: policy,
	script: `${policy}; script-src 'self'; connect-src 'self'`,
} as const;

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

const headers: Readonly<Record<string, string>> = {
	"content-security-policy": contentPolicies.plain,
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
	for (const [name, value] of Object.entries(headers)) if (!c.res.headers.has(name)) c.header(name, value);
});
