/**
 * `npm run -s served -- <origin>`: whether the card page and its script are served as this release has them (PCI DSS 11.6.1).
 * SESSION_COOKIE is the value of the cookie `__Host-refresh` (or `__Host-session`) of somebody who signed in less than 15
 * minutes ago. Prints what differs; ends 1 when anything does. See docs/runbooks/served-headers.md.
 */
import { differencesServed, fetchServed } from "./served/served.ts";

const [origin] = process.argv.slice(2);
const cookie = process.env["SESSION_COOKIE"];
if (!origin || !URL.canParse(origin) || !cookie) {
	console.error("usage: SESSION_COOKIE=<value> npm run -s served -- https://<host>");
	process.exit(2);
}

const at = new URL(origin).origin;
const differences = differencesServed(await fetchServed(at, cookie), at);
for (const line of differences) console.error(line);
if (differences.length > 0) process.exitCode = 1;
else console.log(`${at}/cards/new and its script are served as this release has them`);
