import { createPrivateKey, randomBytes } from "node:crypto";
import { SignJWT } from "jose";
import { signSession } from "../../shared/crypto/session-token.ts";
import { joseSurveyTokens } from "../../shared/crypto/survey-token.ts";
import { idOf, shardOf } from "../../shared/ids.ts";
import type { KeyFile } from "../keys/format.ts";
import { keyValues } from "../keys/values.ts";
import { demoCustomers, demoStaff, demoSurvey } from "./demo.ts";
import { lastPort, say } from "./home.ts";
import { readKeys } from "./keys.ts";
import { accessAudience, accessIssuer } from "./vars.ts";

/**
 * `npm run -s token -- [customer]` prints a session token, `npm run -s token -- --staff [email]` an Access token,
 * `npm run -s token -- --survey` the token of the demo survey: the token and nothing else. The first two are good for five
 * minutes; all are verified by the Workers like any other.
 */
function main([first, second]: readonly string[]): Promise<string> {
	const keys = readKeys();
	if (!keys) throw new Error("There are no keys yet: npm start makes them.");
	if (first === "--survey") return surveyToken(keys);
	return first === "--staff" ? staffToken(keys, second) : customerToken(keys, first);
}

function customerToken(keys: KeyFile, name = Object.keys(demoCustomers)[0] ?? ""): Promise<string> {
	const customer = Object.hasOwn(demoCustomers, name) ? demoCustomers[name] : undefined;
	if (!customer) {
		const known = Object.entries(demoCustomers).map(([other, { note }]) => `  ${other.padEnd(10)} ${note}`);
		throw new Error(`There is no demo customer "${name}", but there are:\n${known.join("\n")}`);
	}
	const session = { customerId: customer.id, sessionId: idOf("ses", shardOf(customer.id), randomBytes(16)) };
	return signSession(session, textOf(keys, "SESSION_KEYS"), Date.now());
}

const surveyToken = (keys: KeyFile): Promise<string> =>
	joseSurveyTokens(textOf(keys, "SURVEY_KEYS")).sign({ surveyId: demoSurvey.id, expiresAt: demoSurvey.expires_at });

/** As the customer Worker has it. */
const textOf = (keys: KeyFile, name: string) => keyValues(keys, "customer")[name] ?? "";

function staffToken(keys: KeyFile, email: string = demoStaff[0].email): Promise<string> {
	if (!demoStaff.some((member) => member.email === email)) {
		const known = demoStaff.map((member) => `  ${member.email.padEnd(36)} ${member.role}`);
		throw new Error(`There is nobody called "${email}" in the staff, but there are:\n${known.join("\n")}`);
	}
	const port = lastPort();
	if (port === undefined) throw new Error("The stack does not run, and its address stands in a staff token: npm start");
	if (!keys.access) throw new Error("There is no issuer of staff tokens yet: npm start makes it.");
	return new SignJWT({ email })
		.setProtectedHeader({ alg: "RS256", kid: keys.access.kid })
		.setIssuer(accessIssuer(port))
		.setAudience([accessAudience])
		.setSubject(email)
		.setIssuedAt()
		.setExpirationTime("5m")
		.sign(createPrivateKey({ key: keys.access, format: "jwk" }));
}

try {
	process.stdout.write(`${await main(process.argv.slice(2))}\n`);
} catch (error) {
	say(error instanceof Error ? error.message : String(error));
	process.exitCode = 1;
}
