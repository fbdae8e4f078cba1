import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { addAuthenticator } from "./chromium.ts";
import { expectGood } from "./expect-good.ts";
import { newAddress, signIn } from "./person.ts";
import { openSite, type Site } from "./site.ts";

let site: Site;
beforeAll(async () => {
	site = await openSite(inject("stack"));
});
afterAll(() => site.close());

test("a customer adds a passkey, signs in with it, and removes it", async () => {
	// given a customer whose device can keep passkeys
	const visit = await site.open({ size: "phone" });
	const { page } = visit;
	await addAuthenticator(visit);
	const email = newAddress();
	await page.goto("/sign-in");
	await signIn(site, visit, email);

	// when they add one
	await page.goto("/account");
	await page.getByLabel("Name of a new passkey").fill("My phone");
	await page.getByRole("button", { name: "Add a passkey" }).click();
	await page.getByRole("cell", { name: "My phone" }).waitFor();
	await expectGood(visit, { size: "phone" });

	// and sign out, and in again with it
	await page.getByRole("button", { name: "Sign out" }).click();
	await page.getByRole("link", { name: "Get started" }).waitFor();
	await page.goto("/sign-in?next=/account");
	await page.getByRole("button", { name: "Sign in with a passkey" }).click();

	// then they are who they were
	await page.getByRole("heading", { name: "Your account" }).waitFor();
	await page.getByText(email).waitFor();

	// and when they remove it, it is gone
	await page.getByRole("button", { name: /^Remove/ }).click();
	await page.getByRole("heading", { name: "Your account" }).waitFor();
	await expect.poll(() => page.getByRole("cell", { name: "My phone" }).count()).toBe(0);
	expect(visit.troubles).toEqual([]);
});

test("a passkey that nobody knows is refused in words", async () => {
	const visit = await site.open();
	visit.mayAnswer(422);
	const { page } = visit;
	await addAuthenticator(visit); // with no passkey on it
	await page.goto("/sign-in");
	await page.getByRole("button", { name: "Sign in with a passkey" }).click();
	await expect.poll(() => page.getByRole("status").textContent(), { timeout: 20_000 }).toMatch(/\w/);
	expect(await page.getByRole("button", { name: "Sign out" }).count()).toBe(0);
	await expectGood(visit);
});

test("without script there is no button that would do nothing", async () => {
	const { page } = await site.open({ script: false });
	await page.goto("/sign-in");
	expect(await page.getByRole("button", { name: "Sign in with a passkey" }).isVisible()).toBe(false);
	expect(await page.getByRole("button", { name: "Send me a code" }).isVisible()).toBe(true);
});
