import type { Visit } from "./chromium.ts";
import { heading, isNow, press, refused, reloadUntil, submitTicket, ticketOn } from "./person.ts";
import type { Site } from "./site.ts";

/** What becomes of a ticket with the service team at work, of somebody who is signed in and ready to submit one. */
export async function* followed(site: Site, visit: Visit): AsyncGenerator<string> {
	const { page } = visit;
	await page.goto("/tickets/new");
	await submitTicket(visit, "Aurora 55 television in the bedroom", ["Evenings"]);
	await heading(visit, "Aurora 55 television in the bedroom");
	const id = ticketOn(visit);
	yield* visited(site, visit, id);
	yield* surveyed(site, visit, id);
	yield* reopened(site, visit, id);
	yield* phoned(site, visit);
	await page.goto("/surveys/x");
	yield "survey-closed";
}

/** From the assignment to the resolution. */
async function* visited({ staff }: Site, visit: Visit, id: string): AsyncGenerator<string> {
	const { page } = visit;
	await page.goto(`/tickets/${id}`);
	await staff.assign(id);
	await reloadUntil(visit, isNow(visit, "Expert chosen"));
	yield "ticket-assigned";
	await page.goto("/tickets");
	yield "tickets-assigned";
	await page.goto(`/tickets/${id}`);
	await staff.work(id, "acceptance");
	await reloadUntil(visit, isNow(visit, "Visit confirmed"));
	yield "ticket-confirmed";
	await staff.work(id, "start");
	await reloadUntil(visit, isNow(visit, "Expert at work"));
	yield "ticket-in-progress";
	await staff.work(id, "replies", { text: "It is the power supply.\nI have one with me." });
	await reloadUntil(visit, page.getByText("It is the power supply."));
	await page.getByLabel("Add a comment").fill("Good, thank you!");
	await press(visit, "Add comment");
	await page.getByText("Good, thank you!").waitFor();
	yield "ticket-replied";
	await press(visit, "Add comment");
	await refused(visit);
	yield "ticket-comment-error";
	await page.goto(`/tickets/${id}`);
	await staff.work(id, "resolution", { note: "New power supply.\nIt has two years of warranty." });
	await reloadUntil(visit, isNow(visit, "Resolved"));
	yield "ticket-resolved";
}

async function* surveyed({ stack }: Site, visit: Visit, id: string): AsyncGenerator<string> {
	const { page } = visit;
	const choose = (question: string, answer: string) =>
		page.getByRole("group", { name: question }).getByRole("radio", { name: answer }).check();
	await page.getByRole("link", { name: "Answer five questions" }).click();
	await heading(visit, "How did it go?");
	yield "survey";
	await choose("How friendly was the expert?", "5");
	await press(visit, "Send answers");
	await refused(visit);
	yield "survey-error";

	// somebody else answers before this form is sent once more
	const { pathname } = new URL(page.url());
	for (const question of ["How satisfied are you", "Was it the right expert", "Did the expert come"]) await choose(question, "4");
	await choose("Is the problem solved?", "Yes");
	const body = JSON.stringify({ satisfaction: 5, expertise: 5, punctuality: 5, friendliness: 5, solved: true });
	const headers = { "content-type": "application/json" };
	const answer = await stack.request("customer", `/api/v1${pathname}`, { method: "POST", headers, body });
	if (!answer.ok) throw new Error(await answer.text());
	await press(visit, "Send answers");
	await heading(visit, "This survey was answered before");
	yield "survey-answered-before";
	await page.goto(pathname);
	await heading(visit, "Thank you for your answers");
	yield "survey-thanks";
	await page.goto(`/tickets/${id}`);
	await page.getByText("Thank you for your answers.").waitFor();
	yield "ticket-answered";
}

/** Until it is cancelled, although somebody was to come. */
async function* reopened({ staff }: Site, visit: Visit, id: string): AsyncGenerator<string> {
	const { page } = visit;
	await page.getByRole("link", { name: "The problem is back" }).click();
	await heading(visit, "What is wrong again?");
	yield "ticket-reopening";
	await press(visit, "Reopen this ticket");
	await refused(visit);
	yield "ticket-reopening-error";
	await page.getByLabel("What is wrong?").fill("Since this morning it hums.");
	await press(visit, "Reopen this ticket");
	await page.getByText("We have told our service team").waitFor();
	yield "ticket-reopening-asked";
	await page.goto(`/tickets/${id}`);
	await reloadUntil(visit, page.getByRole("heading", { name: "Reopened" }));
	yield "ticket-reopened";
	await staff.assign(id);
	await reloadUntil(visit, isNow(visit, "Expert chosen"));
	yield "ticket-assigned-again";
	await page.goto(`/tickets/${id}/cancellation`);
	await press(visit, "Yes, cancel it");
	await page.getByText("We have asked our service team").waitFor();
	await page.goto(`/tickets/${id}`);
	await reloadUntil(visit, isNow(visit, "Cancelled"));
	yield "ticket-visit-cancelled";
}

/** Helpdesk opens a ticket for who calls with the number of the account. */
async function* phoned({ staff }: Site, visit: Visit): AsyncGenerator<string> {
	const { page } = visit;
	await page.goto("/account");
	const customerId = await page.locator("bdi", { hasText: /^cus_/ }).textContent();
	const address = { street: "1 Example Street", postalCode: "10115", city: "Berlin", country: "DE", region: "north" };
	const { id } = await staff.ask<{ id: string }>("sysops", "/api/v1/tickets", {
		customerId,
		device: "Fjord radio",
		category: "audio",
		text: "Said on the phone: it crackles.",
		customer: { name: "Ada Example", ...address, phone: "+49 30 5550100" },
	});
	await page.goto("/tickets");
	await reloadUntil(visit, page.getByRole("link", { name: "Fjord radio" }));
	yield "tickets-of-all-kinds";
	await page.goto(`/tickets/${id}`);
	yield "ticket-by-phone";
}
