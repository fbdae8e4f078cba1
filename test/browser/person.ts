import { randomUUID } from "node:crypto";
import type { Visit } from "./chromium.ts";
import type { Site } from "./site.ts";

/** Nobody has had this address before. */
export const newAddress = () => `person-${randomUUID()}@penultimate.example`;

/** From the sign-in page on; ends on the page that follows it. */
export async function signIn(site: Site, { page }: Visit, email: string): Promise<void> {
	const asked = Date.now();
	await page.getByLabel("E-mail address").fill(email);
	await page.getByRole("button", { name: "Send me a code" }).click();
	await page.getByLabel("Code", { exact: true }).fill(await site.codeFor(email, asked));
	await page.getByRole("button", { name: "Sign in" }).click();
	await page.getByRole("button", { name: "Sign out" }).waitFor();
}

export async function completeProfile({ page }: Visit): Promise<void> {
	await page.getByLabel("Your name").fill("Ada Example");
	await page.getByLabel("Street and number").fill("1 Example Street");
	await page.getByLabel("Postal code").fill("10115");
	await page.getByLabel("Town or city").fill("Berlin");
	await page.getByLabel("Country", { exact: true }).selectOption("Germany");
	await page.getByLabel("Region of the country").selectOption("North");
	await page.getByLabel("Phone number").fill("+49 30 5550100");
	await page.getByRole("button", { name: "Save profile" }).click();
}

/** Signs the first contract on offer. */
export async function choosePlan({ page }: Visit): Promise<void> {
	await page.getByRole("checkbox").first().check();
	await page.getByRole("button", { name: "Go on to the total" }).click();
	await page.getByRole("button", { name: /^Sign for/ }).click();
}

export async function submitTicket({ page }: Visit, device: string): Promise<void> {
	await page.getByLabel("Which device is it?").fill(device);
	await page.getByLabel("What kind of device is it?").selectOption("Television");
	await page.getByLabel("What is wrong?").fill("No picture, only sound.");
	await page.getByRole("button", { name: "Submit ticket" }).click();
}
