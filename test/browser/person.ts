import { randomInt, randomUUID } from "node:crypto";
import type { Locator } from "playwright-core";
import { isLuhnValid } from "../../shared/cards.ts";
import type { Visit } from "./chromium.ts";
import type { Site } from "./site.ts";

/** Nobody has had this address before. */
export const newAddress = () => `person-${randomUUID()}@penultimate.example`;

/** No other phone has this number. */
export const newPhone = () => `+49${String(BigInt(`0x${randomUUID().replaceAll("-", "")}`)).slice(0, 12)}`;

/** A card number that nobody has been told before: Visa's, with the right check digit. */
export function newCardNumber(): string {
	const digits = `4${Array.from({ length: 14 }, () => randomInt(10)).join("")}`;
	const check = [..."0123456789"].find((digit) => isLuhnValid(digits + digit));
	return `${digits}${check}`;
}

export const press = ({ page }: Visit, name: string | RegExp) => page.getByRole("button", { name }).first().click();
export const heading = ({ page }: Visit, name: string) => page.getByRole("heading", { name }).first().waitFor();
/** Presses the tabulator until something of this name has the focus. */
export async function reach({ page }: Visit, name: RegExp): Promise<void> {
	for (let i = 0; i < 30; i++) {
		await page.keyboard.press("Tab");
		const label = await page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).textContent");
		if (name.test(String(label))) return;
	}
	throw new Error(`no way to ${name}`);
}
/** A form that was refused says so. */
export const refused = ({ page }: Visit) => page.getByRole("alert").waitFor();
/** Where the ticket of the page is. */
export const isNow = ({ page }: Visit, step: string): Locator =>
	page.locator("[aria-current=step]").getByRole("heading", { name: step });

/** From the sign-in page on; ends on the page that follows it. */
export async function signIn(site: Site, { page }: Visit, email: string): Promise<void> {
	const asked = Date.now();
	await page.getByLabel("E-mail address").fill(email);
	await page.getByRole("button", { name: "Send me a code" }).click();
	await page.getByLabel("Code", { exact: true }).fill(await site.codeFor(email, asked));
	await page.getByRole("button", { name: "Sign in" }).click();
	await page.getByRole("button", { name: "Sign out" }).waitFor();
}

/** What may be otherwise in a profile. */
export interface Particulars {
	/** By its name. */
	readonly region?: string;
	readonly phone?: string;
	/** Whether they want text messages beside the mails. */
	readonly sms?: boolean;
	/** In which we write to them, by its own name. */
	readonly language?: "English" | "Deutsch";
}

export async function completeProfile({ page }: Visit, particulars: Particulars = {}): Promise<void> {
	const { region = "North", phone = "+49 30 5550100", sms = false, language = "English" } = particulars;
	await page.getByLabel("Your name").fill("Ada Example");
	await page.getByLabel("Street and number").fill("1 Example Street");
	await page.getByLabel("Postal code").fill("10115");
	await page.getByLabel("Town or city").fill("Berlin");
	await page.getByLabel("Country", { exact: true }).selectOption("Germany");
	await page.getByLabel("Region of the country").selectOption(region);
	await page.getByLabel("Phone number").fill(phone);
	await page.getByRole("radio", { name: language }).check();
	await page.getByRole("checkbox", { name: "By text message" }).setChecked(sms);
	await page.getByRole("button", { name: "Save profile" }).click();
}

/** Signs the first contract on offer. */
export async function choosePlan({ page }: Visit): Promise<void> {
	await page.getByRole("checkbox").first().check();
	await page.getByRole("button", { name: "Go on to the total" }).click();
	await page.getByRole("button", { name: /^Sign for/ }).click();
}

const partsOfDay = ["Mornings", "Afternoons", "Evenings"] as const;

/** `parts` are those of the day in which they can be at home. */
export async function submitTicket({ page }: Visit, device: string, parts: readonly string[] = partsOfDay): Promise<void> {
	await page.getByLabel("Which device is it?").fill(device);
	await page.getByLabel("What kind of device is it?").selectOption("Television");
	await page.getByLabel("What is wrong?").fill("No picture, only sound.");
	for (const part of partsOfDay) await page.getByRole("checkbox", { name: part }).setChecked(parts.includes(part));
	await page.getByRole("button", { name: "Submit ticket" }).click();
}

/** Types a card into the form that is shown, and does not send it. */
export async function enterCard({ page }: Visit, number: string, expiry = "12/39"): Promise<void> {
	await page.getByLabel("Card number").fill(number);
	await page.getByLabel("Expiry date").fill(expiry);
}

/** From anywhere, signed in; ends on the list of cards, before billing has said anything. */
export async function addCard(visit: Visit, number: string, expiry?: string): Promise<void> {
	await visit.page.goto("/cards/new");
	await enterCard(visit, number, expiry);
	await press(visit, "Add card");
	await visit.page.getByText("Your card is with us, encrypted.").waitFor();
}

/** Something between the page and us changes what is said of a card beside its seal. Ends it when called. */
export async function tellOtherwise({ page }: Visit, told: object): Promise<() => Promise<void>> {
	await page.route("**/api/v1/cards", async (route) => {
		const body: object = route.request().postDataJSON();
		await route.continue({ postData: JSON.stringify({ ...body, ...told }) });
	});
	return () => page.unroute("**/api/v1/cards");
}

/** The row of the card that ends in these digits. */
export const cardOf = ({ page }: Visit, number: string): Locator =>
	page.getByRole("row").filter({ hasText: `ending in ${number.slice(-4)}` });

/** Loads the page again until it shows this: what the service team does arrives within seconds. */
export async function reloadUntil({ page }: Visit, shown: Locator): Promise<void> {
	for (const until = Date.now() + 15_000; !(await shown.isVisible()); await page.reload()) {
		if (Date.now() > until) throw new Error(`${page.url()} does not show ${shown}, but ${await page.textContent("main")}`);
		await page.waitForTimeout(300);
	}
}

/** The ticket that the page is about. */
export function ticketOn({ page }: Visit): string {
	const [id] = /tkt_\w+/.exec(page.url()) ?? [];
	if (!id) throw new Error(`${page.url()} is not of a ticket`);
	return id;
}
