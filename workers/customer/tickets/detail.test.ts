import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { type Customer, givenCustomer, givenTicket, type TicketBody, ticketsPath } from "../../../shared/testing/customers.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { hiddenIn, visitorOf } from "../../../shared/testing/pages.ts";
import { bring, replied, someExpert, someVisit, statusChanged } from "../../../shared/testing/updates.ts";
import { days } from "../../../shared/time.ts";
import worker from "../index.ts";

beforeAll(migrateDatabases);

const when = 'Tuesday 24 November, <span class="whole">10:00–12:00 UTC</span>';
/** What somebody reads, without the tags. */
const words = (html: string) => html.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");

type Change = Parameters<typeof statusChanged>[2];

/** A ticket of which sysops has said this, and who looks at it. */
async function given(change: Change = {}) {
	const customer = await givenCustomer();
	const { id } = await givenTicket(customer);
	await bring(worker, statusChanged(customer.id, id, change));
	return { customer, id, visitor: visitorOf(worker, customer), path: `/tickets/${id}` };
}
const stepsIn = (html: string) => /<ol class="steps">(.*?)<\/ol>/s.exec(html)?.[1]?.split("</li>").slice(0, -1) ?? [];
const read = async (customer: Customer, id: string) => (await customer.get<TicketBody>(`${ticketsPath}/${id}`)).body;

describe("a ticket's page", () => {
	it.each([
		["assigned", "The planned visit"],
		["accepted", "The visit"],
		["in_progress", "The visit"],
	] as const)("says of an %s ticket who comes when", async (status, heading) => {
		const { visitor, path } = await given({ status });

		const { text } = await visitor.get(path);

		expect(text).toContain(`<h2 id="visit">${heading}</h2>`);
		expect(text).toContain(`<time datetime="${new Date(someVisit.from).toISOString()}">${when}</time>`);
		expect(words(text)).toContain(`Your expert: ${someExpert.name}`);
	});

	it.each(["received", "resolved", "cancelled", "reopened"] as const)(
		"promises no visit of a ticket that is %s",
		async (status) => {
			const { visitor, path } = await given({ status });

			for (const page of [path, "/tickets", "/"]) expect((await visitor.get(page)).text, page).not.toContain(when);
		},
	);

	it("that goes past midnight names both days", async () => {
		const visit = { from: Date.UTC(2026, 10, 24, 22), to: Date.UTC(2026, 10, 25, 2) };
		const { visitor, path } = await given({ visit });

		const { text } = await visitor.get(path);

		expect(text).toContain("Tuesday 24 November, 22:00 – Wednesday 25 November, 02:00 UTC");
	});

	it.each([
		["in_progress", "Anything that helps the expert."],
		["resolved", "Our service team reads it."],
	] as const)("says of one that is %s who reads a comment", async (status, hint) => {
		const { visitor, path } = await given({ status });

		expect((await visitor.get(path)).text).toContain(`<span class="hint" id="text-hint">${hint}</span>`);
	});

	it("shows in a list how far it is, where it stands, and what comes", async () => {
		const { visitor, path } = await given({ status: "accepted" });

		const steps = stepsIn((await visitor.get(path)).text);

		expect(steps.map((step) => words(step).trim().replace(/ \d.*/, ""))).toEqual([
			"Submitted (done)",
			"Received by our service team (done)",
			"Visit confirmed",
			"Expert at work Still to come",
			"Resolved Still to come",
		]);
		expect(steps.map((step) => step.includes('aria-current="step"'))).toEqual([false, false, true, false, false]);
		expect(steps.slice(0, 3).every((step) => step.includes("<time datetime="))).toBe(true);
	});

	it.each([
		["received", ["received", "assigned", "received"]],
		["reopened", ["resolved", "reopened", "assigned", "accepted", "reopened"]],
	] as const)("says of one that is %s again after %j that the visit is off", async (status, statuses) => {
		const steps = statuses.map((one, at) => ({ status: one, at }));
		const { visitor, path } = await given({ status, expert: null, visit: null, steps });

		const { text } = await visitor.get(path);

		expect(text).toContain("The visit that we had planned will not take place. We are looking for another expert.");
		expect(text).not.toContain("An expert will be assigned to you.");
	});

	it("names the state and the visit in the list and at home", async () => {
		const { visitor } = await given({ status: "accepted" });

		for (const path of ["/tickets", "/"]) {
			const { text } = await visitor.get(path);
			expect(text).toContain('<span class="badge good">Confirmed</span>');
			expect(text).toContain(when);
		}
	});

	it("tells the customer's words from the service team's", async () => {
		const { customer, id, visitor, path } = await given();
		await customer.post(`${ticketsPath}/${id}/comments`, { text: "Hello?" });
		await bring(worker, replied(customer.id, id, { text: "Tomorrow.", repliedAt: Date.now() + 1000 }));

		const { text } = await visitor.get(path);

		const comments = /<ol class="comments">(.*?)<\/ol>/s.exec(text)?.[1]?.split("</li>").map(words) ?? [];
		expect(comments[0]).toMatch(/^ You wrote on .* Hello\? $/);
		expect(comments[1]).toMatch(/^ Mary Example wrote on .* Tomorrow\. $/);
		expect(text.match(/<li class="theirs">/g)).toHaveLength(1);
	});

	it("shows what the expert says, and after a reopening that it is of the last time", async () => {
		const note = "The power supply is new.";
		const { customer, id, visitor, path } = await given({ status: "resolved", note, version: 1000, changedAt: Date.now() });
		expect((await visitor.get(path)).text).toMatch(/What your expert says<\/h2><p class="prose">The power supply is new\./);

		await bring(worker, statusChanged(customer.id, id, { status: "reopened", resolutions: 1, note, version: 2000 }));

		expect((await visitor.get(path)).text).toMatch(/What was said of the last visit<\/h2><p class="prose">The power supply/);
	});

	it("says when somebody is at home", async () => {
		const customer = await givenCustomer();
		const body = { device: "Radio", category: "audio", text: "x" };
		const some = await givenTicket(customer, { ...body, availability: ["evening", "morning"] });
		const any = await givenTicket(customer, body);
		const visitor = visitorOf(worker, customer);

		expect(words((await visitor.get(`/tickets/${some.id}`)).text)).toContain("You are at home Mornings, Evenings");
		expect(words((await visitor.get(`/tickets/${any.id}`)).text)).toContain("You are at home Any time");
	});

	it("takes no comment on a ticket that nobody looks at any more, and keeps what was typed", async () => {
		const { visitor, path } = await given({ status: "resolved", changedAt: Date.now() - 15 * days });

		const { text } = await visitor.get(path);
		const refused = await visitor.submit(`${path}/comments`, { text: "Still there?", key: "k" });

		expect(text).toContain("closed more than 14 days ago");
		expect(text).not.toContain("<textarea");
		expect(refused.status).toBe(422);
		expect(refused.text).toContain("that is not possible any more");
		expect(refused.text).toContain("Still there?");
	});
});

describe("calling the visit off", () => {
	it.each(["in_progress", "resolved", "cancelled"] as const)("is not offered when the ticket is %s", async (status) => {
		const { visitor, path } = await given({ status });

		const { text } = await visitor.get(path);
		const { status: answered, headers } = await visitor.get(`${path}/cancellation`);

		expect(text).not.toContain(`${path}/cancellation`);
		expect([answered, headers.get("location")]).toEqual([303, path]);
	});

	it("that comes too late by a moment says so", async () => {
		const { customer, id, visitor, path } = await given({ status: "in_progress" });

		const { status, text } = await visitor.submit(`${path}/cancellation`, {});

		expect(status).toBe(422);
		expect(text).toContain("that is not possible any more");
		expect((await read(customer, id)).cancellationRequestedAt).toBeNull();
	});

	it.each([
		["assigned", "Cancellation asked for", "Until our service team has answered, it stays as it is."],
		["in_progress", "Cancellation asked for", "Your expert had begun by then"],
		["cancelled", "Cancelled", "This ticket is cancelled. Nobody will come."],
		["resolved", "Resolved", "that came too late"],
	] as const)("is told as it is when the ticket is %s", async (status, badge, sentence) => {
		const customer = await givenCustomer();
		const { id } = await givenTicket(customer);
		await customer.post(`${ticketsPath}/${id}/cancellation`, {});
		await bring(worker, statusChanged(customer.id, id, { status }));

		const { text } = await visitorOf(worker, customer).get(`/tickets/${id}`);

		expect(text).toMatch(new RegExp(`<span class="badge \\w+">${badge}</span>`));
		expect(words(text)).toContain(sentence);
		expect(text).not.toContain("/cancellation");
	});
});

describe("reopening", () => {
	it("is asked for by a form, once, and the page says that it is under way", async () => {
		const { customer, id, visitor, path } = await given({ status: "resolved" });
		expect((await visitor.get(path)).text).toContain(`<a class="button second" href="${path}/reopening">`);
		const key = hiddenIn((await visitor.get(`${path}/reopening`)).text, "key");

		for (let i = 0; i < 2; i++) {
			const { status, headers } = await visitor.submit(`${path}/reopening`, { text: "Dark again.", key });
			expect([status, headers.get("location")]).toEqual([303, `${path}?done=reopening-requested`]);
		}

		const { text } = await visitor.get(`${path}?done=reopening-requested`);
		expect(text).toContain("We have told our service team that the problem is back.");
		expect(text).toContain('<span class="badge warn">Reopening asked for</span>');
		expect(words(text)).toContain("Our service team has not answered yet.");
		expect(text).not.toContain(`${path}/reopening`);
		expect((await read(customer, id)).comments).toMatchObject([{ text: "Dark again." }]);
	});

	it("wants to know what is wrong", async () => {
		const { visitor, path } = await given({ status: "resolved" });

		const { status, text } = await visitor.submit(`${path}/reopening`, { text: " ", key: "k" });

		expect(status).toBe(422);
		expect(text).toContain('<a href="#text">Describe what is wrong again</a>');
		expect(hiddenIn(text, "key")).toBe("k");
	});

	it.each<[string, Change]>([
		["that goes on", { status: "accepted" }],
		["that is cancelled", { status: "cancelled" }],
		["that was resolved more than 14 days ago", { status: "resolved", changedAt: Date.now() - 15 * days }],
	])("is not offered for a ticket %s, and refused with what was typed", async (_, change) => {
		const { visitor, path } = await given(change);

		const { text } = await visitor.get(path);
		const form = await visitor.get(`${path}/reopening`);
		const refused = await visitor.submit(`${path}/reopening`, { text: "Dark again.", key: "k" });

		expect(text).not.toContain(`${path}/reopening`);
		expect([form.status, form.headers.get("location")]).toEqual([303, path]);
		expect(refused.status).toBe(422);
		expect(refused.text).toContain("that is not possible any more");
		expect(refused.text).toContain("Dark again.");
	});

	it("row 1: of another customer's ticket is answered as if it were absent", async () => {
		const { customer: owner, path } = await given({ status: "resolved" });
		const visitor = visitorOf(worker, await givenCustomer());
		const before = await contentsOf(owner.database);
		const absent = `/tickets/${newId("tkt", "00")}`;
		const without = (text: string) => text.replaceAll(/req_\w+/g, "");

		for (const ask of [
			(of: string) => visitor.get(`${of}/reopening`),
			(of: string) => visitor.submit(`${of}/reopening`, { text: "Mine?", key: "k" }),
			(of: string) => visitor.submit(`${of}/reopening`, { text: "", key: "k" }),
		]) {
			const [theirs, nobodys] = [await ask(path), await ask(absent)];
			expect(theirs.status).toBe(404);
			expect(without(theirs.text)).toBe(without(nobodys.text));
		}
		expect(await contentsOf(owner.database)).toEqual(before);
	});
});
