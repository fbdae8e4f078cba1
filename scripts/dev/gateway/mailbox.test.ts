import { describe, expect, test } from "vitest";
import { mailbox } from "./mailbox.ts";

const sent = (to: string, subject: string, more: { text?: string; html?: string } = {}) => ({
	messageId: `<${subject}@penultimate.example>`,
	from: "support@penultimate.example",
	to: [to],
	subject,
	sentAt: "2026-11-22T17:03:16.438Z",
	...more,
});

/** The answers of wrangler's server, as it gives them for `mails`, which it lists newest first. */
const simulatorWith = (mails: readonly ReturnType<typeof sent>[]) => async (path: string) => {
	const { pathname, searchParams } = new URL(path, "http://127.0.0.1");
	expect(pathname).toBe("/cdn-cgi/local/explorer/api/local/email/sending");
	const id = searchParams.get("email_id");
	if (id === null) return Response.json({ result: mails.map(({ text: _, html: __, ...listed }) => listed) });
	const found = mails.find(({ messageId }) => messageId === id || messageId === `<${id}>`);
	return found ? Response.json({ result: found }) : Response.json({ result: null }, { status: 404 });
};

const get = (path: string, mails: readonly ReturnType<typeof sent>[], accept = "text/html") => {
	const url = new URL(path, "http://localhost:8787");
	return mailbox(new Request(url, { headers: { accept } }), url, simulatorWith(mails), []);
};

describe("the mailbox of the local stack", () => {
	const mails = [
		sent("grace@penultimate.example", "second", { text: "Two" }),
		sent("ada@penultimate.example", "first", { text: "One", html: "<p>One</p>" }),
	];

	test("lists as JSON what was sent, newest first, with text and HTML", async () => {
		const response = await get("/__dev/mail", mails, "application/json");
		expect(await response.json()).toEqual({
			items: [
				expect.objectContaining({ subject: "second", text: "Two", html: "" }),
				{
					id: "first@penultimate.example",
					channel: "email",
					to: ["ada@penultimate.example"],
					from: "support@penultimate.example",
					subject: "first",
					text: "One",
					html: "<p>One</p>",
					at: "2026-11-22T17:03:16.438Z",
				},
			],
		});
	});

	test("shows those to one address only when asked, in whatever case", async () => {
		const response = await get("/__dev/mail?to=Ada@Penultimate.example", mails, "application/json");
		expect(await response.json()).toEqual({ items: [expect.objectContaining({ subject: "first" })] });
	});

	test("says that there is nothing, and for whom", async () => {
		expect(await (await get("/__dev/mail", [])).text()).toContain("Nothing has been sent since the stack was started.");
		expect(await (await get("/__dev/mail?to=a@b.example", mails)).text()).toContain("Nothing has been sent to a@b.example.");
	});

	test("shows one mail by the link of the list, and 404 for one that it does not have", async () => {
		const page = await (await get("/__dev/mail", mails)).text();
		const link = /href="(\/__dev\/mail\/first[^"]*)"/.exec(page)?.[1] ?? "";
		expect(await (await get(link, mails)).text()).toContain("<h1>first</h1>");
		expect((await get("/__dev/mail/nosuch", mails)).status).toBe(404);
	});

	test("row 14: HTML in a mail and in the filter is shown as text, or where no script runs", async () => {
		// given a mail that would like to be more than text
		const evil = `"><script>alert(1)</script>`;
		const mail = { ...sent(`${evil}@x.example`, "evil", { text: evil, html: evil }), subject: evil };

		for (const path of ["/__dev/mail", "/__dev/mail/evil@penultimate.example", `/__dev/mail?to=${encodeURIComponent(evil)}`]) {
			const response = await get(path, [mail]);
			// then none of it is an element of the page, and the page runs no script
			expect(await response.text(), path).not.toContain("<script");
			expect(response.headers.get("content-security-policy")).toMatch(/^default-src 'none'/);
			expect(response.headers.get("content-security-policy")).not.toContain("script-src");
		}

		// and its HTML is framed without any rights
		const page = await (await get("/__dev/mail/evil@penultimate.example", [mail])).text();
		expect(page).toContain('sandbox="" srcdoc="&quot;&gt;&lt;script&gt;');
	});
});
