import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { Visit } from "./chromium.ts";
import { expectGood } from "./expect-good.ts";
import { openSite, type Site } from "./site.ts";

let site: Site;
let address: string;
beforeAll(async () => {
	site = await openSite(inject("stack"));
	address = `/surveys/${await site.stack.token("--survey")}`;
});
afterAll(() => site.close());

const send = ({ page }: Visit) => page.getByRole("button", { name: "Send answers" }).click();
const choose = ({ page }: Visit, question: string, answer: string) =>
	page.getByRole("group", { name: question }).getByRole("radio", { name: answer }).check();

test.each([
	{ size: "phone", colorScheme: "dark" },
	{ size: "desktop", colorScheme: "light" },
] as const)("a survey is accessible and no wider than the screen ($size), as it is and with answers missing", async (look) => {
	const visit = await site.open(look);
	visit.mayAnswer(404, 422);

	await visit.page.goto(address);
	await expectGood(visit, look);
	await choose(visit, "How friendly was the expert?", "3");
	await send(visit);
	await visit.page.getByRole("alert").waitFor();
	await expectGood(visit, look);
	await visit.page.goto("/surveys/x");
	await expectGood(visit, look);

	expect(visit.troubles).toEqual([]);
});

test("the scale of a survey stands in one line, also on a phone with letters of twice the size", async () => {
	const { page } = await site.open({ size: "phone" });
	await page.goto(address);
	await page.setViewportSize({ width: 195, height: 422 });

	const boxes = await Promise.all(
		(await page.getByRole("group").first().locator(".choice").all()).map((choice) => choice.boundingBox()),
	);

	expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(195);
	expect(boxes).toHaveLength(5);
	expect(new Set(boxes.map((box) => box?.y)).size).toBe(1);
});

test("somebody with a phone, no script and no account answers, is told what is missing, and may load the thanks again", async () => {
	const visit = await site.open({ size: "phone", script: false });
	const { page } = visit;
	visit.mayAnswer(422);
	await page.goto(address);
	for (const question of ["How satisfied are you, all in all?", "Was it the right expert for your problem?"]) {
		await choose(visit, question, "5");
	}
	await choose(visit, "Did the expert come at the agreed time?", "1");
	await choose(visit, "How friendly was the expert?", "4");
	await send(visit);

	// what is missing is said, and what was chosen still stands
	await page.getByRole("link", { name: "Choose whether the problem is solved" }).click();
	expect(await page.getByRole("radio", { checked: true }).count()).toBe(4);
	await choose(visit, "Is the problem solved?", "Yes");
	await send(visit);

	await page.getByRole("heading", { name: "Thank you for your answers" }).waitFor();
	await expectGood(visit, { size: "phone", script: false });
	expect(new URL(page.url()).pathname).toBe(address);
	await page.reload();
	await page.getByRole("heading", { name: "Thank you for your answers" }).waitFor();
	expect(visit.troubles).toEqual([]);
});
