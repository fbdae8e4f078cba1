import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../scripts/run.ts";
import type { Invoice } from "../shared/events/billing.ts";
import { longInvoice, someInvoice } from "../shared/testing/invoices.ts";
import { Layout } from "../shared/ui/layout.tsx";
import { assets } from "../workers/customer/assets.ts";
import { invoiceOf } from "../workers/customer/invoices/invoice.ts";
import { InvoicePage } from "../workers/customer/invoices/views.tsx";
import { axe, launch, sheetsOf } from "./browser/chromium.ts";

/** The page of an invoice in Chromium, as the Worker would answer with it: on a screen, and on paper. */
let browser: Browser;
beforeAll(async () => {
	browser = await launch();
});
afterAll(() => browser.close());

const links = ["Home", "Tickets", "Plan", "Cards", "Invoices", "Profile", "Account"].map(
	(label) => [label, `/${label}`] as const,
);

interface Seen {
	readonly width: number;
	readonly colorScheme: "light" | "dark";
	/** Its credit notes. */
	readonly corrections?: Parameters<typeof invoiceOf>[1];
}

async function open(invoice: Invoice, { width, colorScheme, corrections = [] }: Seen): Promise<Page> {
	const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
	const children = InvoicePage({ invoice: invoiceOf(invoice, corrections) });
	const html = String(Layout({ title: invoice.number, assets, links, current: "/Invoices", signedIn: true, children }));
	await page.route("**/*", async (route) => {
		const { pathname } = new URL(route.request().url());
		if (pathname === "/") return route.fulfill({ contentType: "text/html", body: html });

		const contentType = pathname.endsWith(".css") ? "text/css" : "image/svg+xml";
		return route.fulfill({ contentType, path: join(root, "workers/customer/public", pathname) });
	});
	await page.goto("http://portal.test/");
	return page;
}

const sheets: [name: string, Invoice][] = [
	["of 20 contracts and 13 adjustments", longInvoice("00")],
	["the same in German", longInvoice("00", { language: "de" })],
	[
		"with long addresses",
		longInvoice("00", { buyer: { ...someInvoice("00").buyer, name: "A ".repeat(100), street: "B ".repeat(100) } }),
	],
];

describe.each(sheets)("an invoice %s", (_, invoice) => {
	test.each(["light", "dark"] as const)(
		"is printed on one sheet of A4, black on white, from a %s screen",
		async (colorScheme) => {
			const page = await open(invoice, { width: 1280, colorScheme });
			expect(await sheetsOf(page)).toBe(1);
			await page.emulateMedia({ media: "print" });
			const colours = await page.evaluate(`(() => {
			const of = (name) => getComputedStyle(document.querySelector(name));
			return [of("body").backgroundColor, of(".invoice").backgroundColor, of(".invoice td").color, of(".top").display];
		})()`);
			expect(colours).toEqual(["rgb(255, 255, 255)", "rgb(255, 255, 255)", "rgb(0, 0, 0)", "none"]);
			await page.close();
		},
	);

	test.each([320, 390, 1280])("is accessible and no wider than a screen of %i pixels", async (width) => {
		const page = await open(invoice, { width, colorScheme: width === 390 ? "dark" : "light" });
		expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
		expect(await axe(page)).toEqual([]);
		await page.close();
	});
});

test("an invoice of more lines than a sheet has breaks between two of them", async () => {
	const { lines } = longInvoice("00");
	const page = await open(longInvoice("00", { lines: [...lines, ...lines, ...lines] }), { width: 1280, colorScheme: "light" });
	expect(await sheetsOf(page)).toBeGreaterThan(1);
	await page.close();
});

test("each of several credit notes stands among the values, on a screen and on paper", async () => {
	const corrections = [1, 2, 3].map((n) => ({ id: `inv_${n}`, number: `CRN-00-00000${n}` }));
	const page = await open(someInvoice("00"), { width: 1280, colorScheme: "light", corrections });
	for (const media of ["screen", "print"] as const) {
		await page.emulateMedia({ media });
		const places = await page.evaluate(
			`[...document.querySelectorAll("dl.facts dd")].map((value) => Math.round(value.getBoundingClientRect().x))`,
		);
		expect(new Set(places as number[]).size, media).toBe(1); // numbers, by the text above
	}
	await page.close();
});
