import { randomUUID } from "node:crypto";
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import type { Message } from "../mailbox.ts";
import type { Visit } from "./chromium.ts";
import { expectGood } from "./expect-good.ts";
import { choosePlan, completeProfile, newAddress, reloadUntil, signIn, submitTicket, ticketOn } from "./person.ts";
import { openSite, type Site } from "./site.ts";

let site: Site;
beforeAll(async () => {
	site = await openSite(inject("stack"));
});
afterAll(() => site.close());

const patience = { timeout: 15_000, interval: 300 };
const look = { size: "phone", colorScheme: "dark" } as const;
const evening = /16:00–18:00|18:00–20:00/;

/** Somebody who is ready to submit a ticket. */
async function customer(profile?: { region?: string; sms?: boolean }): Promise<{ visit: Visit; email: string }> {
	const visit = await site.open(look);
	const email = newAddress();
	await visit.page.goto("/sign-in?next=/profile");
	await signIn(site, visit, email);
	await completeProfile(visit, profile);
	await choosePlan(visit);
	await visit.page.getByRole("heading", { name: "Submit a ticket" }).waitFor();
	return { visit, email };
}

/** Knows televisions better than anybody else in the south, and works in the evening only: every day. */
async function hire(name: string): Promise<{ id: string }> {
	return site.staff.ask("sysops", "/api/v1/experts", {
		name,
		email: newAddress(),
		skills: { television: 3 },
		active: true,
		absences: [],
		regions: ["south"],
		hours: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: "16:00", to: "20:00" })),
		capacity: 4,
	});
}

/** The messages of one that came next, when it has come. Each must be the only one. */
async function nextMessage(recipient: string, seen: Message[], subject: string): Promise<Message> {
	return vi.waitFor(async () => {
		const messages = await site.messagesTo(recipient);
		const fresh = messages.filter(({ id }) => !seen.some((known) => known.id === id));
		expect(fresh.map((message) => message.subject)).toEqual([subject]);
		seen.push(...fresh);
		return fresh[0] as Message; // of a list of one
	}, patience);
}

const linkTo = (path: string, { text }: Message): string => {
	const links = text.match(/http:\S+/g)?.filter((link) => link.startsWith(`${site.origin}${path}`));
	expect(links).toHaveLength(1);
	return links?.[0] ?? "";
};

interface Report {
	readonly items: readonly { value: string; count: number; mean: number; solved: { count: number } }[];
}
const month = () => new Date().toISOString().slice(0, 7);

test("a customer follows a ticket to its end: on its page, in the mailbox, and with a survey", { timeout: 180_000 }, async () => {
	// given an expert for the evenings, and somebody who is at home in the evening only
	const began = month();
	const expert = await hire("Edda Example");
	const { visit, email } = await customer({ region: "South" });
	const { page } = visit;
	const seen = await site.messagesTo(email); // the code
	await submitTicket(visit, "Aurora television", ["Mornings", "Afternoons"]);
	await page.getByRole("heading", { name: "Aurora television" }).waitFor();
	const id = ticketOn(visit);
	await page.goto(`/tickets/${id}`);
	const shows = async (shown: Locator) => {
		await reloadUntil(visit, shown);
		await expectGood(visit, look);
	};
	const isNow = (step: string) => page.locator("[aria-current=step]").getByRole("heading", { name: step });

	// when it is assigned, they see who comes and when, and are told once
	await site.staff.assign(id);
	await shows(isNow("Expert chosen"));
	const planned = page.getByRole("region", { name: "The planned visit" });
	expect(await planned.textContent()).toMatch(evening);
	expect(await planned.textContent()).toContain("Edda Example");
	const assigned = await nextMessage(email, seen, "An expert is planned for you: Aurora television");
	expect(assigned.text).toMatch(evening);

	// when the expert confirms it
	await site.staff.work(id, "acceptance");
	await shows(isNow("Visit confirmed"));
	const accepted = await nextMessage(email, seen, "Your visit is confirmed: Aurora television");

	// is at work and writes
	await site.staff.work(id, "start");
	await shows(isNow("Expert at work"));
	await site.staff.work(id, "replies", { text: "It is the power supply.\nI have one with me." });
	await shows(page.getByText("It is the power supply."));
	const replied = await nextMessage(email, seen, "A reply to your ticket: Aurora television");
	expect(replied.text).toContain("> It is the power supply.\n> I have one with me.");

	// and is done
	await site.staff.work(id, "resolution", { note: "New power supply." });
	await shows(isNow("Resolved"));
	expect(await page.getByRole("region", { name: "What your expert says" }).textContent()).toContain("New power supply.");
	const resolved = await nextMessage(email, seen, "Resolved: Aurora television");
	expect(await page.getByRole("link", { name: "Answer five questions" }).count()).toBe(1);

	// then every mail leads to the ticket
	for (const mail of [assigned, accepted, replied, resolved]) {
		await page.goto(linkTo("/tickets/", mail));
		expect(ticketOn(visit)).toBe(id);
		await page.getByRole("heading", { name: "Aurora television" }).waitFor();
	}

	// when whoever has the last one answers on a phone without script and without signing in, they are thanked
	await answer(linkTo("/surveys/", resolved));

	// then the managers see it, and the page no longer asks
	const report = () =>
		site.staff.ask<Report>(
			"analytics",
			`/api/v1/reports/satisfaction?${new URLSearchParams({ by: "expert", value: expert.id, from: began, to: month() })}`,
		);
	await vi.waitFor(
		async () => expect((await report()).items).toMatchObject([{ value: expert.id, count: 1, mean: 4, solved: { count: 1 } }]),
		patience,
	);
	await page.reload();
	expect(await page.getByRole("region", { name: "How did it go?" }).textContent()).toContain("Thank you for your answers.");

	// when the problem is back
	await page.getByRole("link", { name: "The problem is back" }).click();
	await expectGood(visit, look);
	await page.getByLabel("What is wrong?").fill("It hums.");
	await page.getByRole("button", { name: "Reopen this ticket" }).click();
	await page.getByText("We have told our service team that the problem is back.").waitFor();
	await nextMessage(email, seen, "Your ticket is open again: Aurora television");
	await page.goto(`/tickets/${id}`);
	await shows(isNow("Reopened"));

	// then somebody comes again, in the evening, until they need nobody any more
	await site.staff.assign(id);
	await shows(isNow("Expert chosen"));
	expect(await planned.textContent()).toMatch(evening);
	await nextMessage(email, seen, "An expert is planned for you: Aurora television");
	await page.getByRole("link", { name: "I no longer need this visit" }).click();
	await page.getByRole("button", { name: "Yes, cancel it" }).click();
	await page.getByText("We have asked our service team to cancel this ticket.").waitFor();
	await page.goto(`/tickets/${id}`);
	await shows(isNow("Cancelled"));
	expect(await planned.count()).toBe(0);
	await nextMessage(email, seen, "Your ticket is cancelled: Aurora television");

	// and nothing went wrong on the way, and nothing more was sent
	expect(visit.troubles).toEqual([]);
	expect(await site.messagesTo(email)).toHaveLength(seen.length);
});

/** Answers a survey, and finds that it takes one answer only. */
async function answer(survey: string): Promise<void> {
	const unscripted = { ...look, script: false };
	const visit = await site.open(unscripted);
	visit.mayAnswer(409);
	const open = async () => {
		const page = await visit.context.newPage();
		await page.goto(survey);
		await expectGood({ ...visit, page }, unscripted);
		return page;
	};
	const [page, other] = [await open(), await open()];
	for (const one of [page, other]) {
		for (const question of await one.getByRole("group").filter({ hasText: "5" }).all()) {
			await question.getByRole("radio", { name: "4" }).check();
		}
		await one.getByRole("group", { name: "Is the problem solved?" }).getByRole("radio", { name: "Yes" }).check();
	}
	await page.getByRole("button", { name: "Send answers" }).click();
	await page.getByRole("heading", { name: "Thank you for your answers" }).waitFor();

	await other.getByRole("button", { name: "Send answers" }).click();
	await other.getByRole("heading", { name: "This survey was answered before" }).waitFor();
	await expectGood({ ...visit, page: other }, unscripted);
	expect(visit.troubles).toEqual([]);
}

test("who wants text messages gets them: one for each thing to tell, with a link to the ticket", async () => {
	// given somebody who has chosen both ways, and a phone number that nobody else has
	const { visit, email } = await customer();
	const { page } = visit;
	const phone = `+49${String(BigInt(`0x${randomUUID().replaceAll("-", "")}`)).slice(0, 12)}`;
	await page.goto("/profile");
	await page.getByLabel("Phone number").fill(phone);
	await page.getByRole("checkbox", { name: "By text message" }).check();
	await page.getByRole("button", { name: "Save profile" }).click();
	await page.getByText("Your profile is saved.").waitFor();
	await page.goto("/tickets/new");
	await submitTicket(visit, "Aurora");
	await page.getByRole("heading", { name: "Aurora" }).waitFor();
	const id = ticketOn(visit);
	const mails = await site.messagesTo(email);

	// when an expert is found
	await site.staff.assign(id);

	// then a text message says so, beside the mail
	const text = await nextMessage(phone, [], "Text message");
	expect(text).toMatchObject({ channel: "sms" });
	expect(text.text).toMatch(/^\w+ Example comes for "Aurora"\. Planned: .* UTC\. http/);
	expect(linkTo("/tickets/", text)).toBe(`${site.origin}/tickets/${id}`);
	await nextMessage(email, mails, "An expert is planned for you: Aurora");

	// and whoever looks into the mailbox of the stack sees it
	await page.goto(`/__dev/mail?to=${encodeURIComponent(phone)}`);
	await page.getByText('comes for "Aurora"').waitFor();
	await expectGood(visit, look);
	expect(visit.troubles).toEqual([]);
});
