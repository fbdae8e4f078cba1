import { beforeAll, describe, expect, it } from "vitest";
import { bringFromBilling, invoiceIssued, paymentFailed } from "../../shared/testing/billing-says.ts";
import { givenCard } from "../../shared/testing/card-rows.ts";
import { type Customer, databaseOf, givenCustomer, givenTicket } from "../../shared/testing/customers.ts";
import { type Answers, accountOf, done } from "../../shared/testing/fake-identity.ts";
import { newId } from "../../shared/testing/fixtures.ts";
import { someInvoice, somePeriod } from "../../shared/testing/invoices.ts";
import { migrateDatabases } from "../../shared/testing/migrations.ts";
import { visitorOf } from "../../shared/testing/pages.ts";
import { givenVersion } from "../../shared/testing/replica.ts";
import { givenSurvey } from "../../shared/testing/surveys.ts";
import { bring, replied, statusChanged } from "../../shared/testing/updates.ts";
import scripts from "../../shared/ui/scripts.json" with { type: "json" };
import worker from "./index.ts";

let ada: Customer;
let ticketId: string;
let surveyPath: string;
let resolvedId: string;
let cardId: string;
let invoiceId: string;
const answers = (): Answers => ({ account: () => accountOf(ada), checkTrust: done });

beforeAll(async () => {
	await migrateDatabases();
	ada = await givenCustomer();
	surveyPath = `/surveys/${(await givenSurvey()).token}`;
	[ticketId, resolvedId] = [(await givenTicket(ada)).id, (await givenTicket(ada)).id];
	await bring(worker, statusChanged(ada.id, resolvedId, { status: "resolved" }));
	cardId = await givenCard(ada);
	const invoice = someInvoice("00");
	invoiceId = invoice.invoiceId;
	await bringFromBilling(worker, invoiceIssued(ada.id, invoice), paymentFailed(ada.id));
});

const publicPages = ["/", "/contracts", "/sign-in"];
const ownPages = () => [
	"/",
	"/contracts",
	"/profile",
	"/plan",
	"/plan/edit",
	"/plan/cancel",
	"/tickets",
	"/tickets/new",
	`/tickets/${ticketId}`,
	`/tickets/${ticketId}/cancellation`,
	`/tickets/${resolvedId}/reopening`,
	"/cards",
	"/cards/new",
	`/cards/${cardId}/removal`,
	"/invoices",
	`/invoices/${invoiceId}`,
	"/account",
	"/account/email",
];

/** Every page, as somebody who is signed in and as nobody. */
async function everyPage() {
	const [own, nobody] = [visitorOf(worker, ada, answers()), visitorOf(worker, null)];
	return Promise.all([
		...ownPages().map(async (path) => ({ path, ...(await own.get(path)) })),
		...[...publicPages, surveyPath].map(async (path) => ({ path, ...(await nobody.get(path)) })),
	]);
}

describe("every page", () => {
	it("is there, in HTML, with a language, a title and one heading of the first order", async () => {
		for (const { path, status, headers, text } of await everyPage()) {
			expect({ path, status }).toEqual({ path, status: 200 });
			expect(headers.get("content-type")).toMatch(/^text\/html/i);
			expect(text, path).toMatch(/^<!doctype html><html lang="en">/);
			expect(text, path).toMatch(/<title>[^<]+ – Sysops Squad<\/title>/);
			expect(text.match(/<h1/g), path).toHaveLength(1);
		}
	});

	it("row 19: is kept by no cache", async () => {
		for (const { path, headers } of await everyPage()) expect(headers.get("cache-control"), path).toBe("no-store");
	});

	it("row 31: is framed by nobody", async () => {
		for (const { path, headers } of await everyPage()) {
			expect(headers.get("content-security-policy"), path).toContain("frame-ancestors 'none'");
			expect(headers.get("x-frame-options"), path).toBe("DENY");
		}
	});

	it("may load our own style and images, and exactly the scripts that the inventory names for it, each with its hash", async () => {
		for (const { path, headers, text } of await everyPage()) {
			const policy = headers.get("content-security-policy") ?? "";
			const tags = text.match(/<script\b[^>]*>/g) ?? [];
			const listed = scripts.filter(({ pages }) => pages.includes(path));
			expect(policy, path).toContain("default-src 'none'");
			expect(policy, path).not.toMatch(/unsafe|\*|data:|http:/);
			expect(tags, path).toEqual(
				listed.map(
					(script) => `<script type="module" src="${script.path}" integrity="${script.integrity}" crossorigin="anonymous">`,
				),
			);
			expect([policy.includes("script-src"), policy.includes("connect-src")], path).toEqual(Array(2).fill(listed.length > 0));
			expect(text, path).not.toMatch(/ style=| on[a-z]+="|javascript:/);
		}
	});

	it("has no page with a script but those that the inventory names", async () => {
		const seen = (await everyPage()).filter(({ text }) => text.includes("<script")).map(({ path }) => path);
		expect([...new Set(seen)].sort()).toEqual(scripts.flatMap(({ pages }) => pages).sort());
	});

	it("reports what its policy has kept from happening", async () => {
		for (const { path, headers } of await everyPage()) {
			expect(headers.get("content-security-policy"), path).toContain("; report-uri /api/reports/csp; report-to csp");
			expect(headers.get("reporting-endpoints"), path).toBe('csp="/api/reports/csp"');
		}
	});
});

it("row 31: errors, redirects and the API are framed by nobody either, and no type is guessed", async () => {
	const [own, nobody] = [visitorOf(worker, ada), visitorOf(worker, null)];
	for (const answer of [
		await own.get("/nothing"),
		await nobody.get("/tickets"),
		await own.get("/api/v1/tickets"),
		await own.submit("/tickets/new", {}),
		await own.send("/tickets/new", "x", { origin: "https://evil.test" }),
	]) {
		expect(answer.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
		expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
		expect(answer.headers.get("strict-transport-security")).toMatch(/^max-age=\d{8}/);
		expect(answer.headers.get("permissions-policy")).toContain("publickey-credentials-get=(self)");
	}
});

it("whoever is not signed in is led to the sign-in page and back", async () => {
	for (const path of ownPages().filter((path) => !publicPages.includes(path))) {
		const { status, headers } = await visitorOf(worker, null).get(path);
		expect({ status, location: headers.get("location") }).toEqual({
			status: 303,
			location: `/sign-in?next=${encodeURIComponent(path)}`,
		});
	}
});

describe("row 14: HTML is shown as text", () => {
	const evil = `"'><script>alert(1)</script><img src=x onerror=alert(1)>`;
	const raw = /<script>alert|<img src=x/;

	it("in names, tickets, comments and what was typed wrongly", async () => {
		const mallory = await givenCustomer({ profile: { name: evil, street: evil } });
		const { id } = await givenTicket(mallory, { device: evil, category: "audio", text: evil });
		const visitor = visitorOf(worker, mallory);
		await mallory.post(`/api/v1/tickets/${id}/comments`, { text: evil });

		const pages = ["/", "/profile", "/tickets", `/tickets/${id}`, `/tickets/${id}/cancellation`];
		const shown = [
			...(await Promise.all(pages.map((path) => visitor.get(path)))),
			await visitor.submit("/tickets/new", { device: evil, text: evil }),
		];

		for (const { text } of shown) {
			expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
			expect(text).not.toMatch(raw);
		}
	});

	it("in what the service team says", async () => {
		const customer = await givenCustomer();
		const { id } = await givenTicket(customer);
		const expert = { id: newId("exp", "00"), name: evil };
		const said = { expert, note: evil, version: 1000, changedAt: Date.now() };
		await bring(worker, statusChanged(customer.id, id, { ...said, status: "accepted" }));
		await bring(worker, replied(customer.id, id, { author: evil, text: evil }));
		const visitor = visitorOf(worker, customer);

		const pages = [await visitor.get(`/tickets/${id}`)];
		await bring(worker, statusChanged(customer.id, id, { ...said, status: "resolved", version: 2000 }));
		pages.push(await visitor.get(`/tickets/${id}`));

		for (const { text } of pages) {
			// the expert, the note, who replied, and what
			expect(text.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;/g)).toHaveLength(4);
			expect(text).not.toMatch(raw);
		}
	});

	it("in tickets that helpdesk has opened", async () => {
		const customer = await givenCustomer();
		const id = newId("tkt", "00");
		const ticket = { submittedAt: 1, device: evil, category: "audio", priority: "low", text: evil, region: evil } as const;
		await bring(worker, statusChanged(customer.id, id, { ticket, status: "resolved" }));
		const visitor = visitorOf(worker, customer);

		for (const path of ["/", "/tickets", `/tickets/${id}`, `/tickets/${id}/reopening`]) {
			const { text } = await visitor.get(path);
			expect(text, path).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
			expect(text, path).not.toMatch(raw);
		}
	});

	it("in what billing says of an invoice", async () => {
		const customer = await givenCustomer();
		const party = { name: evil, street: evil, postalCode: evil, city: evil, country: "<>" };
		const invoice = someInvoice("00", {
			seller: { ...party, taxId: evil, email: evil },
			buyer: { ...party, email: evil },
			lines: [{ kind: "contract", text: evil, period: somePeriod, amountMinor: 1000 }],
		});
		await bringFromBilling(worker, invoiceIssued(customer.id, invoice));

		const { text } = await visitorOf(worker, customer).get(`/invoices/${invoice.invoiceId}`);

		// both parties with five, one tax id, one line
		expect(text.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;/g)).toHaveLength(12);
		expect(text).not.toMatch(raw);
	});

	it("in the catalogue, in the account and in addresses", async () => {
		const database = databaseOf("00");
		await givenVersion(database, { contractId: newId("ctr", "00"), terms: { name: evil, summary: evil, coverage: [evil] } });
		const account = {
			...accountOf(ada),
			email: evil,
			emailChange: { email: evil, takesEffectAt: 1 },
			passkeys: [{ id: evil, name: evil, createdAt: 1 }],
		};
		const visitor = visitorOf(worker, ada, { account: () => account });

		for (const { text } of [
			await visitor.get("/contracts"),
			await visitor.get("/plan/edit"),
			await visitor.get("/account"),
			await visitor.submit("/sign-in", { email: evil, next: evil }),
			await visitor.submit("/sign-in/code", { email: evil, code: evil, next: evil }),
		]) {
			expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
			expect(text).not.toMatch(raw);
		}
	});

	it("and what the address says of a message is a name out of a list", async () => {
		const visitor = visitorOf(worker, ada);

		expect((await visitor.get("/tickets?done=comment-added")).text).toContain("Your comment has been added.");
		for (const name of [evil, "toString", "__proto__", "nothing"]) {
			const { text } = await visitor.get(`/tickets?done=${encodeURIComponent(name)}`);
			expect(text).not.toContain('role="status"');
			expect(text).not.toMatch(raw);
		}
	});
});

describe("errors", () => {
	it("are a page for a browser, and a problem for a program or under the API's paths", async () => {
		const visitor = visitorOf(worker, ada);

		const page = await visitor.get(`/tickets/${newId("tkt", "00")}`);
		const api = await visitor.get("/api/v1/nothing");
		const program = await visitor.browser.get("/nothing");

		expect(page).toMatchObject({ status: 404, text: expect.stringContaining("<h1>There is nothing here</h1>") });
		expect(api).toMatchObject({ status: 404, body: { code: "not_found" } });
		expect(program).toMatchObject({ status: 404, body: { code: "not_found" } });
	});

	it("on our side say what to do and under what number to ask, and tell nothing of themselves", async () => {
		const unlucky = await givenCustomer({ shard: "01" });
		await databaseOf("01").exec("drop table comments");

		const { status, text, headers } = await visitorOf(worker, unlucky).get(`/tickets/${newId("tkt", "01")}`);

		expect(status).toBe(500);
		expect(text).toContain("nothing will be done twice");
		expect(text).toContain(headers.get("x-correlation-id"));
		expect(text).not.toMatch(/SQLITE|no such table/i);
	});

	it("row 20: a form that another site sends is not carried out", async () => {
		const body = "device=Radio&category=audio&priority=low&text=x&key=k1";

		const answer = await visitorOf(worker, ada).send("/tickets/new", body, {
			origin: "https://evil.test",
			"sec-fetch-site": "cross-site",
		});

		expect(answer.status).toBe(403);
		expect(answer.text).toContain("This was not sent from our pages");
	});
});
