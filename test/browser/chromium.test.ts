import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { axe, launch, visit } from "./chromium.ts";

/** What the browser tests rely on: that a page with something wrong is told from one without. */

let browser: Browser;
beforeAll(async () => {
	browser = await launch();
});
afterAll(() => browser.close());

const good = `<!doctype html><html lang="en"><title>Fine</title><main><h1>Fine</h1></main></html>`;
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; require-trusted-types-for 'script'";

/** Opens a page of this HTML under the policy; `script` is added to it by us, who need no permission. */
async function open(html: string, { status = 200, script = true, may = 200 } = {}) {
	const visitor = await visit(browser, "http://localhost", { script });
	visitor.mayAnswer(may);
	const headers = { "content-type": "text/html", "content-security-policy": policy };
	await visitor.page.route("**/*", (route) =>
		route.request().url() === "http://localhost/" ? route.fulfill({ status, headers, body: html }) : route.abort(),
	);
	await visitor.page.goto("/");
	return visitor;
}

describe("a visit", () => {
	test("of a page that is as it should be has no troubles", async () => {
		const { page, troubles } = await open(good);
		expect(await axe(page)).toEqual([]);
		expect(troubles).toEqual([]);
	});

	test.each([
		["an inline style", `<p style="color: red">x</p>`, /style-src/],
		["an image from elsewhere", `<img src="https://elsewhere.example/x.png" alt="">`, /img-src/],
		["an image that cannot be loaded", `<img src="/missing.png" alt="">`, /^failed: .*missing\.png/],
	])("notes %s, with and without script", async (_, html, trouble) => {
		for (const script of [true, false]) {
			const { troubles } = await open(`${good}${html}`, { script });
			await vi.waitFor(() => expect(troubles).toContainEqual(expect.stringMatching(trouble)));
		}
	});

	test("notes an inline script, an exception, an error on the console and a breach of trusted types", async () => {
		const { page, troubles } = await open(`${good}<script>1</script>`);
		await page.evaluate(`setTimeout(() => { throw new Error("thrown") }); console.error("said");`);
		await page.evaluate(`setTimeout(() => { document.body.innerHTML = "<p>x" });`);
		await vi.waitFor(() => {
			expect(troubles).toContainEqual(expect.stringMatching(/script-src/));
			expect(troubles).toContain("exception: thrown");
			expect(troubles).toContain("console: said");
			expect(troubles).toContainEqual(expect.stringMatching(/require-trusted-types-for|TrustedHTML/));
		});
	});

	test("notes an answer that says of an error, unless it is expected", async () => {
		expect((await open(good, { status: 500 })).troubles).toEqual(["500 http://localhost/"]);
		expect((await open(good, { status: 500, may: 500 })).troubles).toEqual([]);
	});
});

test("axe finds what people with a screen reader would miss", async () => {
	const { page } = await open(good.replace("<h1>Fine</h1>", "<h1>Fine</h1><input>"));
	expect(await axe(page)).toEqual([expect.stringMatching(/^label: /)]);
});

test("a missing browser fails with how to get one", async () => {
	vi.stubEnv("CHROMIUM", "/nowhere/chromium");
	vi.resetModules();
	const { launch } = await import("./chromium.ts");
	expect(() => launch()).toThrow(/There is no \/nowhere\/chromium\. Install it \(sudo apt-get install chromium\)/);
	vi.unstubAllEnvs();
});
