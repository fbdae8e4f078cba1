import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import type { Looks } from "./chromium.ts";
import { expectGood } from "./expect-good.ts";
import { choosePlan, completeProfile, newAddress, signIn, submitTicket } from "./person.ts";
import { openSite, type Site } from "./site.ts";

let site: Site;
beforeAll(async () => {
	site = await openSite(inject("stack"));
});
afterAll(() => site.close());

const looks: readonly Required<Pick<Looks, "size" | "script">>[] = [
	{ size: "phone", script: true },
	{ size: "desktop", script: true },
	{ size: "phone", script: false },
	{ size: "desktop", script: false },
];

describe.each(looks)("a stranger at $size size, script $script,", (look) => {
	test("gets from the front page to a submitted ticket, always led on", async () => {
		// given somebody who knows nothing of us
		const visit = await site.open(look);
		const { page } = visit;
		const good = () => expectGood(visit, look);
		await page.goto("/");
		await good();

		// when they sign up with the code from their mailbox
		await page.getByRole("link", { name: "Get started" }).click();
		await good();
		await signIn(site, visit, newAddress());
		await good();

		// and do what comes next
		await page.getByRole("link", { name: "Complete your profile" }).click();
		await good();
		await completeProfile(visit);
		await page.getByRole("heading", { name: "Choose your plan" }).waitFor();
		await good();
		await choosePlan(visit);
		await page.getByRole("heading", { name: "Submit a ticket" }).waitFor();
		await good();
		await submitTicket(visit, `Aurora at ${look.size} ${look.script}`);

		// then their ticket is there, and the service team has it
		await page.getByRole("heading", { name: `Aurora at ${look.size} ${look.script}` }).waitFor();
		await good();
		const id = /tkt_\w+/.exec(page.url())?.[0];
		await vi.waitFor(
			async () => {
				const staff = { "cf-access-jwt-assertion": await site.stack.token("--staff") };
				const seen = await site.stack.request("sysops", `/api/v1/tickets/${id}`, { headers: staff });
				expect(await seen.json()).toMatchObject({ id, text: "No picture, only sound." });
			},
			{ timeout: 15_000, interval: 300 },
		);

		// and nothing went wrong on the way
		expect(visit.troubles).toEqual([]);
	});
});

describe("signing in", () => {
	test("with a wrong code says so, keeps the page, and takes the right one afterwards", async () => {
		const visit = await site.open({ size: "phone" });
		visit.mayAnswer(422);
		const { page } = visit;
		const email = newAddress();
		await page.goto("/sign-in?next=/profile");
		await page.getByLabel("E-mail address").fill(email);
		await page.getByRole("button", { name: "Send me a code" }).click();
		const code = await site.codeFor(email);

		await page.getByLabel("Code", { exact: true }).fill(code === "ZZZZZZZZ" ? "00000000" : "ZZZZZZZZ");
		await page.getByRole("button", { name: "Sign in" }).click();

		await page
			.getByText(/code is not right/i)
			.first()
			.waitFor();
		await expectGood(visit, { size: "phone" });
		await page.getByLabel("Code", { exact: true }).fill(code.toLowerCase());
		await page.getByRole("button", { name: "Sign in" }).click();
		await page.getByRole("heading", { name: "Your profile" }).waitFor(); // where they wanted to go
		expect(visit.troubles).toEqual([]);
	});

	test("in another browser does not work with a code that this one asked for", async () => {
		const email = newAddress();
		const asker = await site.open();
		await asker.page.goto("/sign-in");
		await asker.page.getByLabel("E-mail address").fill(email);
		await asker.page.getByRole("button", { name: "Send me a code" }).click();
		const code = await site.codeFor(email);

		// when somebody who read the mail types the code elsewhere
		const other = await site.open();
		other.mayAnswer(422);
		await other.page.goto("/sign-in");
		await other.page.getByLabel("E-mail address").fill("somebody.else@penultimate.example");
		await other.page.getByRole("button", { name: "Send me a code" }).click();
		await other.page
			.locator("form[action='/sign-in/code'] input[name=email]")
			.evaluate(`(input) => { input.value = "${email}" }`);
		await other.page.getByLabel("Code", { exact: true }).fill(code);
		await other.page.getByRole("button", { name: "Sign in" }).click();

		await other.page
			.getByText(/code is not right/i)
			.first()
			.waitFor();
		expect(await other.page.getByRole("button", { name: "Sign out" }).count()).toBe(0);
	});
});

describe("signing out", () => {
	test("leaves nothing private behind the back button, and loses nothing of a form that is still open", async () => {
		// given a customer with the profile open in two tabs
		const visit = await site.open();
		visit.mayAnswer(401, 422);
		const { page, context } = visit;
		const email = newAddress();
		await page.goto("/sign-in");
		await signIn(site, visit, email);
		await page.goto("/account");
		await page.getByText(email).waitFor();
		const tab = await context.newPage();
		await tab.goto("/profile");
		await tab.getByLabel("Your name").fill("Mallory Example");
		await tab.getByLabel("Phone number").fill("030 5550100");

		// when they sign out in one
		await page.getByRole("button", { name: "Sign out" }).click();
		await page.getByRole("link", { name: "Get started" }).waitFor();

		// then the back button shows nothing of them
		await page.goBack();
		expect(await page.content()).not.toContain(email);
		await page.getByRole("button", { name: "Send me a code" }).waitFor();

		// and the form in the other tab is not taken, but given back
		await tab.getByRole("button", { name: "Save profile" }).click();
		await tab.getByRole("heading", { name: "You are signed out" }).waitFor();
		await expectGood({ ...visit, page: tab });

		// when they sign in on a new page, and send it again
		const opened = context.waitForEvent("page");
		await tab.getByRole("link", { name: "Sign in on a new page" }).click();
		const third = await opened;
		await signIn(site, { ...visit, page: third }, email);
		await third.getByText("Go back to the page that was waiting").waitFor();
		await tab.getByRole("button", { name: "Send it again" }).click();

		// then it is checked with what they had typed
		await tab.getByRole("alert").waitFor();
		expect(await tab.getByLabel("Your name").inputValue()).toBe("Mallory Example");
		expect(visit.troubles).toEqual([]);
	});
});
