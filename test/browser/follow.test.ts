import type { Locator } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import type { Visit } from "./chromium.ts";
import { expectGood } from "./expect-good.ts";
import { linkTo, told } from "./mails.ts";
import {
	choosePlan,
	completeProfile,
	isNow,
	newAddress,
	newPhone,
	type Particulars,
	reloadUntil,
	signIn,
	submitTicket,
	ticketOn,
} from "./person.ts";
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
async function customer(particulars?: Particulars): Promise<{ visit: Visit; email: string }> {
	const visit = await site.open(look);
	const email = newAddress();
	await visit.page.goto("/sign-in?next=/profile");
	await signIn(site, visit, email);
	await completeProfile(visit, particulars);
	await choosePlan(visit);
	await visit.page.getByRole("heading", { name: "Submit a ticket" }).waitFor();
	return { visit, email };
}

/** Knows televisions better than anybody else in the south, and works every day from morning to evening. */
async function hire(name: string): Promise<{ id: string }> {
	return site.staff.ask("sysops", "/api/v1/experts", {
		name,
		email: newAddress(),
		skills: { television: 3 },
		active: true,
		absences: [],
		regions: ["south"],
		hours: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: "08:00", to: "20:00" })),
		capacity: 4,
	});
}

interface Report {
	readonly items: readonly { value: string; count: number; mean: number; solved: { count: number } }[];
}
const month = () => new Date().toISOString().slice(0, 7);

test("a customer follows a ticket to its end: on its page, in the mailbox, and with a survey", { timeout: 180_000 }, async () => {
	// given an expert for the whole day, and somebody who is at home in the evening only
	const began = month();
	const expert = await hire("Edda Example");
	const { visit, email } = await customer({ region: "South" });
	const { page } = visit;
	await submitTicket(visit, "Aurora television", ["Evenings"]);
	await page.getByRole("heading", { name: "Aurora television" }).waitFor();
	const id = ticketOn(visit);
	await page.goto(`/tickets/${id}`);
	const shows = async (shown: Locator) => {
		await reloadUntil(visit, shown);
		await expectGood(visit, look);
	};

	// when it is assigned, they see who comes and when, and are told once
	await site.staff.assign(id);
	await shows(isNow(visit, "Expert chosen"));
	const planned = page.getByRole("region", { name: "The planned visit" });
	expect(await planned.textContent()).toMatch(evening);
	expect(await planned.textContent()).toContain("Edda Example");
	const assigned = await told(site, email, "We have found an expert for you: Aurora television");
	expect(assigned.text).toMatch(evening);

	// when the expert confirms it
	await site.staff.work(id, "acceptance");
	await shows(isNow(visit, "Visit confirmed"));
	const accepted = await told(site, email, "Your visit is confirmed: Aurora television");

	// is at work and writes
	await site.staff.work(id, "start");
	await shows(isNow(visit, "Expert at work"));
	await site.staff.work(id, "replies", { text: "It is the power supply.\nI have one with me." });
	await shows(page.getByText("It is the power supply."));
	const replied = await told(site, email, "A reply to your ticket: Aurora television");
	expect(replied.text).toContain("> It is the power supply.\n> I have one with me.");

	// and is done
	await site.staff.work(id, "resolution", { note: "New power supply." });
	await shows(isNow(visit, "Resolved"));
	expect(await page.getByRole("region", { name: "What your expert says" }).textContent()).toContain("New power supply.");
	const resolved = await told(site, email, "Resolved: Aurora television");
	expect(await page.getByRole("link", { name: "Answer five questions" }).count()).toBe(1);

	// then every mail leads to the ticket
	for (const mail of [assigned, accepted, replied, resolved]) {
		await page.goto(linkTo(site, "/tickets/", mail));
		expect(ticketOn(visit)).toBe(id);
		await page.getByRole("heading", { name: "Aurora television" }).waitFor();
	}

	// when whoever has the last one answers on a phone without script and without signing in, they are thanked
	await answer(linkTo(site, "/surveys/", resolved));

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
	await told(site, email, "Your ticket is open again: Aurora television");
	await page.goto(`/tickets/${id}`);
	await shows(page.getByRole("heading", { name: "Reopened" }));

	// then somebody comes again, in the evening, until they need nobody any more
	await site.staff.assign(id);
	await shows(isNow(visit, "Expert chosen"));
	expect(await planned.textContent()).toMatch(evening);
	await told(site, email, "We have found an expert for you: Aurora television", 2);
	await page.getByRole("link", { name: "I no longer need this visit" }).click();
	await page.getByRole("button", { name: "Yes, cancel it" }).click();
	await page.getByText("We have asked our service team to cancel this ticket.").waitFor();
	await page.goto(`/tickets/${id}`);
	await shows(isNow(visit, "Cancelled"));
	expect(await page.getByRole("region", { name: /visit/ }).count()).toBe(0);
	await told(site, email, "Your ticket is cancelled: Aurora television");

	// and nothing went wrong on the way, and beside the code, and that there is no card, nothing more was sent
	expect(visit.troubles).toEqual([]);
	await told(site, email, "Your support plan is not paid yet");
	expect(await site.messagesTo(email)).toHaveLength(9);
});

/** Answers a survey, and finds that it takes one answer only. */
async function answer(survey: string): Promise<void> {
	const unscripted = { ...look, script: false };
	const fill = async () => {
		const visit = await site.open(unscripted);
		const { page } = visit;
		await page.goto(survey);
		await expectGood(visit, unscripted);
		for (const question of await page.getByRole("group").filter({ hasText: "5" }).all()) {
			await question.getByRole("radio", { name: "4" }).check();
		}
		await page.getByRole("group", { name: "Is the problem solved?" }).getByRole("radio", { name: "Yes" }).check();
		return visit;
	};
	const [first, second] = [await fill(), await fill()];
	second.mayAnswer(409);

	await first.page.getByRole("button", { name: "Send answers" }).click();
	await first.page.getByRole("heading", { name: "Thank you for your answers" }).waitFor();
	await second.page.getByRole("button", { name: "Send answers" }).click();
	await second.page.getByRole("heading", { name: "This survey was answered before" }).waitFor();

	for (const visit of [first, second]) {
		await expectGood(visit, unscripted);
		expect(visit.troubles).toEqual([]);
	}
}

test("who wants text messages gets them: one for each thing to tell, with a link to the ticket", async () => {
	// given somebody who has chosen both ways, and a phone number that nobody else has
	const phone = newPhone();
	const { visit, email } = await customer({ phone, sms: true });
	const { page } = visit;
	await submitTicket(visit, "Aurora");
	await page.getByRole("heading", { name: "Aurora" }).waitFor();
	const id = ticketOn(visit);

	// when an expert is found
	await site.staff.assign(id);

	// then a text message says so, beside the mail
	const text = await told(site, phone, "Text message");
	expect(text).toMatchObject({ channel: "sms" });
	expect(text.text).toMatch(/^\w+ Example will look after "Aurora"\. Planned: .* UTC\. http/);
	expect(linkTo(site, "/tickets/", text)).toBe(`${site.origin}/tickets/${id}`);
	await told(site, email, "We have found an expert for you: Aurora");

	// and whoever looks into the mailbox of the stack sees it
	await page.goto(`/__dev/mail?to=${encodeURIComponent(phone)}`);
	await page.getByText('will look after "Aurora"').waitFor();
	await expectGood(visit, look);
	expect(visit.troubles).toEqual([]);
});
