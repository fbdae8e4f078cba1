import { beforeAll, describe, expect, it } from "vitest";
import { type Customer, givenCustomer } from "../../../shared/testing/customers.ts";
import { type Answers, accountOf, done, refusing } from "../../../shared/testing/fake-identity.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { visitorOf } from "../../../shared/testing/pages.ts";
import worker from "../index.ts";

let ada: Customer;
beforeAll(async () => {
	await migrateDatabases();
	ada = await givenCustomer();
});

const locationOf = ({ status, headers }: { status: number; headers: Headers }) => `${status} ${headers.get("location")}`;

describe("the account", () => {
	it("shows address, passkeys and sessions, and offers a passkey to scripts only", async () => {
		const account = {
			...accountOf(ada),
			passkeys: [{ id: "pk1", name: "My phone", createdAt: Date.UTC(2026, 1, 3) }],
			heldUntil: Date.UTC(2026, 1, 5, 12),
		};
		const agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
		const sessions = account.sessions.map((session) => ({ ...session, userAgent: agent }));

		const { text } = await visitorOf(worker, ada, { account: () => ({ ...account, sessions }) }).get("/account");

		expect(text).toContain(account.email.replace("@", "@<wbr/>"));
		expect(text).toContain(`<bdi class="small">${ada.id}</bdi>`);
		expect(text).toContain("My phone");
		expect(text).toContain("3 February 2026");
		expect(text).toMatch(/cannot be changed, and no passkey can be added, before <time datetime="2026-02-05T12:00:00.000Z">/);
		expect(text).toContain("Chrome on Linux");
		expect(text).toContain("This one");
		expect(text).toContain("End all others");
		expect(text).toMatch(/data-passkey-only="true" hidden=""/);
	});

	it("shows a change of address that waits, and calls it off", async () => {
		const emailChange = { email: "new@penultimate.example", takesEffectAt: Date.UTC(2026, 1, 3) };
		const visitor = visitorOf(worker, ada, { account: () => ({ ...accountOf(ada), emailChange }), cancelEmailChange: done });

		expect((await visitor.get("/account")).text).toContain("new@<wbr/>penultimate.example");
		expect(locationOf(await visitor.submit("/account/email/cancel", {}))).toBe("303 /account?done=email-kept");
	});

	it("changes the address by a code to the new one", async () => {
		const asked: unknown[] = [];
		const confirmEmailChange: Answers["confirmEmailChange"] = (input) => {
			asked.push([input.email, input.code]);
			return { done: true };
		};
		const visitor = visitorOf(worker, ada, { requestEmailChange: done, confirmEmailChange });

		const code = await visitor.submit("/account/email", { email: "new@penultimate.example" });
		const confirmed = await visitor.submit("/account/email/code", { email: "new@penultimate.example", code: "ABCD-EFGH" });

		expect(code).toMatchObject({ status: 200, text: expect.stringContaining("Enter the code") });
		expect(locationOf(confirmed)).toBe("303 /account?done=email-requested");
		expect(asked).toEqual([["new@penultimate.example", "ABCD-EFGH"]]);
		expect(visitor.browser.cookies.has("__Host-browser")).toBe(false);
	});

	it.each([
		["not_fresh", "sign-in of the last 15 minutes", "/sign-in?again=yes&amp;next=/account"],
		["held", "recovered a short while ago", "/account"],
	])("that is refused as %s says why and where to go", async (refused, reason, path) => {
		const visitor = visitorOf(worker, ada, { requestEmailChange: refusing(refused) });

		const { status, text } = await visitor.submit("/account/email", { email: "new@penultimate.example" });

		expect(status).toBe(422);
		expect(text).toContain(reason);
		expect(text).toContain(`<a class="link" href="${path}">`);
	});

	it("says that a passkey is removed after a sign-in of the last 15 minutes only, and where that is", async () => {
		const visitor = visitorOf(worker, ada, { removePasskey: refusing("not_fresh") });

		const { status, text } = await visitor.submit("/account/passkeys/remove", { id: "pk1" });

		expect(status).toBe(422);
		expect(text).toContain("sign-in of the last 15 minutes");
		expect(text).toContain('<a class="link" href="/sign-in?again=yes&amp;next=/account">');
	});

	it("removes passkeys and ends sessions, its own among them", async () => {
		const other = newId("ses", "00");
		const asked: unknown[] = [];
		const visitor = visitorOf(worker, ada, {
			account: () => accountOf(ada, [other]),
			removePasskey: ({ passkeyId }) => {
				asked.push(passkeyId);
				return { done: true };
			},
			endSessions: ({ which }) => {
				asked.push(which);
				return { customerId: ada.id, ended: which === "others" ? [other] : which };
			},
		});

		expect(locationOf(await visitor.submit("/account/passkeys/remove", { id: "pk1" }))).toBe("303 /account?done=passkey-removed");
		expect(locationOf(await visitor.submit("/account/sessions/end", { id: other }))).toBe("303 /account?done=sessions-ended");
		expect(locationOf(await visitor.submit("/account/sessions/end", { id: "others" }))).toBe("303 /account?done=sessions-ended");
		expect(locationOf(await visitor.submit("/account/sessions/end", { id: ada.sessionId }))).toBe("303 /?done=signed-out");
		expect(asked).toEqual(["pk1", [other], "others", [ada.sessionId]]);
		expect((await visitor.get("/account")).status).toBe(303);
	});
});
