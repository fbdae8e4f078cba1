import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import type { Looks, Visit } from "./chromium.ts";
import { expectGood } from "./expect-good.ts";
import {
	addCard,
	cardOf,
	enterCard,
	heading,
	newAddress,
	newCardNumber,
	press,
	reach,
	refused,
	reloadUntil,
	signIn,
	tellOtherwise,
} from "./person.ts";
import { openSite, type Site } from "./site.ts";

let site: Site;
beforeAll(async () => {
	site = await openSite(inject("stack"));
});
afterAll(() => site.close());

const patience = { timeout: 20_000, interval: 300 };

/** Somebody who has signed in just now, before the form of a card. */
async function customer(looks?: Looks): Promise<{ visit: Visit; email: string; sent: readonly string[] }> {
	const visit = await site.open(looks);
	const email = newAddress();
	await visit.page.goto("/sign-in?next=/cards");
	await signIn(site, visit, email);
	await visit.page.goto("/cards/new");
	const sent: string[] = [];
	visit.page.on("request", (request) => {
		const { pathname } = new URL(request.url());
		if (pathname.startsWith("/api/")) sent.push(`${request.method()} ${pathname}`);
	});
	return { visit, email, sent };
}

const submission = ["POST /api/v1/cards/intents", "POST /api/v1/cards"];
const isReady = (visit: Visit, number: string) => reloadUntil(visit, cardOf(visit, number).getByText("Ready"));
const mails = async (email: string) => (await site.messagesTo(email)).map(({ subject }) => subject).filter(isOfCards);
const isOfCards = (subject: string) => /card/i.test(subject);
const summary = ({ page }: Visit) => page.getByRole("alert").textContent();

test("on a phone a card is typed, sealed, sent, checked and told of, and replaced and removed later on", async () => {
	const look = { size: "phone", colorScheme: "dark" } as const;
	const { visit, email, sent } = await customer(look);
	const { page } = visit;
	const [first, second] = [newCardNumber(), newCardNumber()];

	// when they type a card as it stands on it
	await enterCard(visit, first.replaceAll(/.{4}(?=.)/g, "$& "), "12 / 2039");
	await press(visit, "Add card");

	// then it is ready within seconds, and a mail says so
	await page.getByText("Your card is with us, encrypted.").waitFor();
	expect(sent).toEqual(submission);
	await isReady(visit, first);
	await expectGood(visit, look);
	await vi.waitFor(async () => expect(await mails(email)).toHaveLength(1), patience);

	// when they add the same once more, then there is one
	await addCard(visit, first);
	await reloadUntil(visit, page.locator("main:not(:has-text('Being checked'))"));
	expect(await cardOf(visit, first).count()).toBe(1);
	expect(await page.getByText("Ready").count()).toBe(1);

	// when another takes its place, then that one is there alone
	await cardOf(visit, first).getByRole("link", { name: "Replace" }).click();
	await page.getByText(`it takes the place of your Visa ending in ${first.slice(-4)}`).waitFor();
	await enterCard(visit, second);
	await press(visit, "Replace card");
	await page.getByText("Your card is with us, encrypted.").waitFor();
	await isReady(visit, second);
	expect(await page.getByRole("rowheader").count()).toBe(1);

	// when they remove it, they are asked first
	await page.getByRole("link", { name: "Remove" }).click();
	await heading(visit, "Remove this card?");
	await page.getByRole("link", { name: "No, keep it" }).click();
	await page.getByRole("link", { name: "Remove" }).click();
	await press(visit, "Yes, remove it");
	await page.getByText("Your card is removed.").waitFor();
	await heading(visit, "No cards yet");
	expect(visit.troubles).toEqual([]);
});

test("by keyboard alone, a wrong number is mended and sent, and the card removed again", async () => {
	const { visit, sent } = await customer();
	const { page } = visit;
	const number = newCardNumber();
	const focused = () => page.locator(":focus");

	// when a digit is wrong, the summary has the focus and leads to the field, which says what is wrong
	await reach(visit, /^Card number/);
	await page.keyboard.type(`${number.slice(0, -1)}${(Number(number.at(-1)) + 1) % 10}`);
	await reach(visit, /^Expiry date/);
	await page.keyboard.type("1239");
	await page.keyboard.press("Enter");
	await refused(visit);
	expect(await focused().getAttribute("role")).toBe("alert");
	await reach(visit, /^Check the card number/);
	await page.keyboard.press("Enter");
	const field = page.getByRole("textbox", { name: "Card number", description: /at least one digit is wrong or missing/ });
	await vi.waitFor(async () => expect(await focused().getAttribute("id")).toBe("number"));
	expect(await field.getAttribute("aria-invalid")).toBe("true");
	await expectGood(visit);

	// and nothing has been sent
	expect(sent).toEqual([]);

	// when it is right
	await page.keyboard.press("End");
	await page.keyboard.press("Backspace");
	await page.keyboard.type(number.slice(-1));
	await page.keyboard.press("Enter");
	await page.getByText("Your card is with us, encrypted.").waitFor();
	expect(sent).toEqual(submission);
	await isReady(visit, number);

	// and it goes again
	await reach(visit, /^Remove/);
	await page.keyboard.press("Enter");
	await heading(visit, "Remove this card?");
	await reach(visit, /^Yes, remove it/);
	await page.keyboard.press("Enter");
	await heading(visit, "No cards yet");
	expect(visit.troubles).toEqual([]);
});

test("a card that is told of otherwise than what is sealed is not accepted: page and mail say why", async () => {
	const { visit, email } = await customer();
	const number = newCardNumber();
	await tellOtherwise(visit, { expMonth: 11 });

	await addCard(visit, number);

	await reloadUntil(visit, cardOf(visit, number).getByText("Not accepted"));
	expect(await cardOf(visit, number).textContent()).toContain("were not the same");
	await vi.waitFor(async () => expect(await mails(email)).toHaveLength(1), patience);
	expect((await site.messagesTo(email)).at(-1)?.text).not.toContain(number);
	expect(visit.troubles).toEqual([]);
});

test("a form whose reader has signed out elsewhere sends nothing, and leads back", async () => {
	const { visit } = await customer();
	visit.mayAnswer(401);
	const { page, context } = visit;
	await enterCard(visit, newCardNumber());
	const tab = await context.newPage();
	await tab.goto("/account");
	await tab.getByRole("button", { name: "Sign out" }).click();
	await tab.getByRole("link", { name: "Get started" }).waitFor();

	await press(visit, "Add card");

	await refused(visit);
	expect(await summary(visit)).toContain("You are signed out.");
	const way = await page.getByRole("link", { name: "Sign in again" }).getAttribute("href");
	expect(new URL(way ?? "", site.origin).searchParams.get("next")).toBe("/cards/new");
	expect(visit.troubles).toEqual([]);
});
