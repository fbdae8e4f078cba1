import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { Looks, Visit } from "./chromium.ts";
import { expectGood } from "./expect-good.ts";
import { heading, newAddress, press, refused, signIn } from "./person.ts";
import { openSite, type Site } from "./site.ts";

const pan = "4242424242424242";
const intents = "**/api/v1/cards/intents";
const submissions = "**/api/v1/cards";

let site: Site;
beforeAll(async () => {
	site = await openSite(inject("stack"));
});
afterAll(() => site.close());

/** Somebody who has just signed in, before the form, and what their browser has sent to the API. */
async function atForm(looks?: Looks) {
	const visit = await site.open(looks);
	const sent: { path: string; body: string }[] = [];
	visit.page.on("request", (request) => {
		const path = new URL(request.url()).pathname;
		if (path.startsWith("/api/")) sent.push({ path, body: request.postData() ?? "" });
	});
	await visit.page.goto("/sign-in?next=/cards");
	await signIn(site, visit, newAddress());
	await visit.page.goto("/cards/new");
	return { visit, page: visit.page, sent, paths: () => sent.map(({ path }) => path) };
}

async function type({ page }: Visit, number = "4242 4242 4242 4242", expiry = "08/39"): Promise<void> {
	await page.getByLabel("Card number").fill(number);
	await page.getByLabel("Expiry date").fill(expiry);
}

const message = ({ page }: Visit) => page.getByRole("alert").textContent();
const typed = ({ page }: Visit) => page.getByLabel("Card number").inputValue();

test("a card is sealed and sent once, however often the button is pressed, and its number is nowhere else", async () => {
	const { visit, page, sent, paths } = await atForm({ size: "phone" });
	await type(visit);

	await page.getByRole("button", { name: "Add card" }).dblclick();
	await page.waitForURL("**/cards?done=card-submitted");
	await page.getByRole("rowheader", { name: "Visa ending in 4242 Expires 08/2039" }).waitFor();

	await expectGood(visit, { size: "phone" });
	expect(paths()).toEqual(["/api/v1/cards/intents", "/api/v1/cards"]);
	expect(sent.map(({ body }) => body).join()).not.toContain(pan);
	expect(await page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])")).toBe('[{},{},""]');
	await page.goBack();
	await heading(visit, "Add a card");
	expect([await typed(visit), page.url().includes(pan)]).toEqual(["", false]);
	expect(visit.troubles).toEqual([]);
});

test("what cannot be right is told at its field and above the form, and nothing is sent", async () => {
	const { visit, page, paths } = await atForm({ size: "phone" });

	await type(visit, "4242 4242 4242 4241", "01/20");
	await press(visit, "Add card");
	await refused(visit);

	expect(await page.evaluate("document.activeElement.getAttribute('role')")).toBe("alert");
	await expectGood(visit, { size: "phone" });
	for (const [label, words] of [
		["Card number", "at least one digit is wrong"],
		["Expiry date", "has expired"],
	] as const) {
		const field = page.getByLabel(label);
		expect(await field.getAttribute("aria-invalid")).toBe("true");
		const id = (await field.getAttribute("aria-describedby"))?.split(" ").at(-1);
		expect(await page.locator(`#${id}`).textContent()).toContain(words);
	}
	await page.getByRole("link", { name: /at least one digit/ }).click();
	expect(await page.evaluate("document.activeElement.id")).toBe("number");
	expect(paths()).toEqual([]);

	// what is right again is told no more
	await type(visit, undefined, "01/20");
	await press(visit, "Add card");
	expect(await message(visit)).not.toContain("digit");
	expect(await page.getByLabel("Card number").getAttribute("aria-invalid")).toBeNull();
});

test("without a connection nothing is sent, what was typed stays, and another try sends it", async () => {
	const { visit, page, paths } = await atForm();
	await type(visit);
	await page.context().setOffline(true);
	await press(visit, "Add card");
	await refused(visit);
	expect([await message(visit), await typed(visit)]).toEqual([
		expect.stringContaining("nothing was sent"),
		"4242 4242 4242 4242",
	]);

	await page.context().setOffline(false);
	await press(visit, "Add card");
	await page.waitForURL("**/cards?done=card-submitted");

	expect(paths()).toEqual(["/api/v1/cards/intents", "/api/v1/cards/intents", "/api/v1/cards"]);
});

test("a submission whose answer is lost is said again as it was: one card", async () => {
	const { visit, page, sent, paths } = await atForm();
	await type(visit);
	await page.route(submissions, async (route) => {
		await route.fetch(); // it arrives, and its answer does not
		await route.abort("connectionreset");
	});
	await press(visit, "Add card");
	await refused(visit);
	expect(await message(visit)).toContain("added once only");

	await page.unroute(submissions);
	await press(visit, "Add card");
	await page.waitForURL("**/cards?done=card-submitted");

	expect(paths()).toEqual(["/api/v1/cards/intents", "/api/v1/cards", "/api/v1/cards"]);
	expect(sent[1]?.body).toBe(sent[2]?.body);
	expect(await page.getByRole("rowheader").count()).toBe(1);
});

test("another card is not said as the one before it", async () => {
	const { visit, page, sent } = await atForm();
	await type(visit);
	await page.route(submissions, (route) => route.abort("connectionreset"));
	await press(visit, "Add card");
	await refused(visit);

	await page.unroute(submissions);
	await type(visit, "5555 5555 5555 4444");
	await press(visit, "Add card");
	await page.getByRole("rowheader", { name: "Mastercard ending in 4444" }).waitFor();

	expect(sent.map(({ path }) => path)).toHaveLength(4);
	expect(JSON.parse(sent[3]?.body ?? "").cardId).not.toBe(JSON.parse(sent[1]?.body ?? "").cardId);
});

test.each([
	[403, "session_not_fresh", "sign-in of the last 15 minutes", "/sign-in?again=yes&next=%2Fcards%2Fnew"],
	[401, "session_revoked", "You are signed out", "/sign-in?again=yes&next=%2Fcards%2Fnew"],
	[409, "change_held", "recovered a short while ago", "/account"],
	[409, "too_many_cards", "Remove one first", "/cards"],
	[429, "rate_limited", "Wait a minute", undefined],
	[503, "unavailable", "not available right now", undefined],
	[500, "constructor", "Load this page again", undefined],
])("%i %s is told in words, with the way on, and what was typed stays", async (status, code, words, path) => {
	const { visit, page } = await atForm();
	visit.mayAnswer(status);
	const body = JSON.stringify({ code, status });
	await page.route(intents, (route) => route.fulfill({ status, contentType: "application/problem+json", body }));
	await type(visit);
	await press(visit, "Add card");
	await refused(visit);

	expect(await message(visit)).toContain(words);
	const links = await page.getByRole("alert").getByRole("link").all();
	expect(await Promise.all(links.map((link) => link.getAttribute("href")))).toEqual(path ? [path] : []);
	expect(await typed(visit)).toBe("4242 4242 4242 4242");
	await expectGood(visit);
	expect(visit.troubles).toEqual([]);
});

test("without script there are words and no form", async () => {
	const { page, context } = (await atForm()).visit;
	const quiet = await site.open({ script: false });
	await quiet.context.addCookies(await context.cookies());
	await page.close();
	await quiet.page.goto("/cards/new");

	await quiet.page.getByText("This page needs JavaScript").waitFor();
	expect(await quiet.page.getByLabel("Card number").isVisible()).toBe(false);
	await expectGood(quiet, { script: false });
});

test("a script that is not the one of the page does not run, and neither does the form", async () => {
	const { visit, page } = await atForm();
	await page.route("**/assets/card.*.js", async (route) => {
		const response = await route.fetch();
		await route.fulfill({ response, body: `${await response.text()}\nfetch("https://evil.test")` });
	});
	await page.goto("/cards/new?again");

	await page.getByText("This page needs JavaScript").waitFor();
	expect(await page.getByLabel("Card number").isVisible()).toBe(false);
	expect(visit.troubles.join()).toContain("integrity");
});
