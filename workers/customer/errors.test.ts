import { beforeAll, describe, expect, it } from "vitest";
import { browserOf } from "../../shared/testing/browser.ts";
import { contentsOf } from "../../shared/testing/contents.ts";
import { type Customer, databaseOf, givenCustomer, type TicketBody, ticketsPath } from "../../shared/testing/customers.ts";
import { identityThat, refreshedAs, refusing, withIdentity } from "../../shared/testing/fake-identity.ts";
import { migrateDatabases } from "../../shared/testing/migrations.ts";
import { hiddenIn, Visitor, visitorOf } from "../../shared/testing/pages.ts";
import worker from "./index.ts";

let ada: Customer;
beforeAll(async () => {
	await migrateDatabases();
	ada = await givenCustomer();
});

const radio = {
	device: "Radio",
	category: "audio",
	priority: "low",
	text: `It "hums" <loudly>`,
	availability: "evening",
	key: "the-key-of-the-form",
};

/** What a page would send again, as a browser reads it. */
function kept(html: string) {
	const [, action = "", form = ""] = /<form class="form" method="post" action="([^"]*)"(.*?)<\/form>/s.exec(html) ?? [];
	const plain = (value: string) => value.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">");
	const names = [...form.matchAll(/type="hidden" name="([^"]*)"/g)].map(([, name = ""]) => name);
	return { action, fields: Object.fromEntries(names.map((name) => [name, plain(hiddenIn(form, name))])) };
}

describe("a form that could not be taken is given back, to be sent again as it was:", () => {
	it("when its sender is not signed in any more", async () => {
		const before = await contentsOf(ada.database);
		const stranger = visitorOf(worker, null, { refresh: refusing("signed_out") });

		const { status, headers, text } = await stranger.submit("/tickets/new", radio);

		expect(status).toBe(401);
		expect(headers.get("cache-control")).toBe("no-store");
		expect(text).toMatch(/<a class="button" href="\/sign-in\?next=[^"]+" target="_blank"/);
		expect(text).not.toContain("Sign out");
		expect(await contentsOf(ada.database)).toEqual(before);
		expect(kept(text)).toEqual({ action: "/tickets/new", fields: radio });
		const signedIn = visitorOf(worker, ada);
		for (let i = 0; i < 2; i++) expect((await signedIn.submit(kept(text).action, kept(text).fields)).status).toBe(303);
		const { items } = (await ada.get<{ items: TicketBody[] }>(ticketsPath)).body;
		expect(items).toMatchObject([{ device: "Radio", text: radio.text }]);
	});

	it("row 30: when its sender has been signed out elsewhere", async () => {
		const gone = await givenCustomer();
		const visitor = visitorOf(worker, gone);
		await gone.signOut();

		const { status, text } = await visitor.submit("/tickets/new", radio);

		expect(status).toBe(401);
		expect(kept(text)).toEqual({ action: "/tickets/new", fields: radio });
		expect([...visitor.browser.cookies.keys()].filter((name) => /session|refresh/.test(name))).toEqual([]);
	});

	it("when its sender was too fast, when identity is away, and when something is wrong on our side", async () => {
		const identity = identityThat({ refresh: () => refreshedAs(ada) });
		const limited = withIdentity(identity, { CHANGE_LIMIT: { limit: async () => ({ success: false }) } });
		const tooFast = new Visitor(browserOf(worker, limited, { session: ada.token }));
		const nobodyKnows = new Visitor(browserOf(worker, withIdentity(identityThat({})), { refresh: "s" }));
		const unlucky = visitorOf(worker, await givenCustomer({ shard: "01" }));
		await databaseOf("01").exec("drop table tickets");

		const answers = [tooFast, nobodyKnows, unlucky].map((visitor) => visitor.submit("/tickets/new", radio));

		for (const [i, { status, text }] of (await Promise.all(answers)).entries()) {
			expect(status).toBe([429, 503, 500][i]);
			expect(kept(text)).toEqual({ action: "/tickets/new", fields: radio });
		}
	});
});

it("rows 3 and 20: what is too large, or another site's, is not given back", async () => {
	const visitor = visitorOf(worker, ada);
	const evil = { origin: "https://evil.test", "sec-fetch-site": "cross-site" };

	for (const [status, answer] of [
		[413, await visitor.submit("/tickets/new", { ...radio, text: "hums ".repeat(10_000) })],
		[403, await visitor.send("/tickets/new", new URLSearchParams(radio).toString(), evil)],
	] as const) {
		expect(answer.status).toBe(status);
		expect(answer.text).not.toContain("hums");
	}
});
