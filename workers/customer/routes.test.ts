import { beforeAll, expect, it } from "vitest";
import { browserOf } from "../../shared/testing/browser.ts";
import { type Customer, givenCustomer } from "../../shared/testing/customers.ts";
import { type Answers, accountOf, done, identityThat, refreshedAs, withIdentity } from "../../shared/testing/fake-identity.ts";
import { newId } from "../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../shared/testing/migrations.ts";
import { app } from "./app.ts";
import worker from "./index.ts";

let customer: Customer;
beforeAll(async () => {
	await migrateDatabases();
	customer = await givenCustomer();
});

/** What everybody may see, and caches may keep. */
const everybodys: readonly string[] = ["/api/v1/contracts"];

const routes = app.routes.filter(({ method, path }) => method !== "ALL" && !everybodys.includes(path));
const each = [...new Set(routes.map(({ method, path }) => `${method} ${path}`))];

it.each(each)("row 19: %s is kept by no cache, for whoever asks", async (route) => {
	const [method = "", pattern = ""] = route.split(" ");
	const path = pattern.replaceAll(/:\w+/g, newId("tkt", "00")).replaceAll("*", "x");
	const challenge = () => ({ options: {}, challenge: "c" });
	const answers: Answers = {
		refresh: () => refreshedAs(customer),
		account: () => accountOf(customer),
		endSessions: () => ({ customerId: customer.id, ended: [] }),
		cancelEmailChange: done,
		passkeyRegistrationOptions: challenge,
		passkeySignInOptions: challenge,
	};
	for (const cookies of [{ session: customer.token, refresh: "s" }, {}]) {
		const browser = browserOf(worker, withIdentity(identityThat(answers)), cookies);

		const answer = method === "GET" ? await browser.get(path) : await ask(browser, method, path);

		expect(answer.headers.get("cache-control")).toBe("no-store");
	}
});

const ask = (browser: ReturnType<typeof browserOf>, method: string, path: string) =>
	browser.ask(path, {
		method,
		body: "{}",
		headers: { "content-type": "application/json", origin: "https://customer.test" },
	});

it("every route is among those, so that a new one is looked at", () => {
	expect(each.length).toBeGreaterThanOrEqual(20);
});

it.each([
	"/api/auth",
	"/api/auth/",
	"/api/auth/ok",
	"/api/auth/error",
	"/api/auth/get-session",
	"/api/auth/sign-up/email",
	"/api/auth/sign-in/email",
	"/api/auth/sign-in/social",
	"/api/auth/update-user",
	"/api/auth/delete-user",
	"/api/auth/revoke-sessions",
	"/api/auth/change-password",
	"/api/auth/request-password-reset",
	"/api/auth/reset-password/token",
	"/api/auth/verify-email",
	"/api/auth/email-otp/check-verification-otp",
	"/api/auth/email-otp/verify-email",
	"/api/auth/email-otp/reset-password",
	"/api/auth/passkey/list-user-passkeys",
	"/api/auth/passkey/update-passkey",
	"/api/auth/token/",
	"/api/auth/%2e%2e/list-sessions",
])("%s is not there, whoever asks and however", async (path) => {
	for (const cookies of [{ session: customer.token, refresh: "s" }, {}]) {
		const identity = identityThat({});
		const browser = browserOf(worker, withIdentity(identity), cookies);
		for (const answer of [await browser.get(path), await browser.post(path)]) {
			expect(answer).toMatchObject({ status: 404, body: { code: "not_found" } });
		}
		expect(identity.asked).toEqual([]);
	}
});
