import { addAuthenticator, type Visit } from "./chromium.ts";
import { choosePlan, completeProfile, heading, newAddress, newPhone, press, refused, submitTicket } from "./person.ts";
import type { Site } from "./site.ts";
import { followed } from "./tour-of-a-ticket.ts";
import { cards } from "./tour-of-cards.ts";
import { money } from "./tour-of-money.ts";

/**
 * Shows every page of the portal in every state that customers and staff can bring about, one after the other, and yields its
 * name while the browser stands there. Needs scripts, and a browser in which nobody is signed in.
 */
export async function* tour(site: Site, visit: Visit): AsyncGenerator<string> {
	visit.mayAnswer(404, 409, 422);
	const person = { email: newAddress(), phone: newPhone() };
	yield* signedOut(site, visit, person);
	yield* cards(visit);
	yield* empty(visit, person);
	yield* filled(visit);
	yield* followed(site, visit);
	yield* account(site, visit);
	yield* signedOutAgain(visit, person);
	yield* money(site, visit);
}

interface Person {
	readonly email: string;
	readonly phone: string;
}

async function* signedOut(site: Site, visit: Visit, { email }: Person): AsyncGenerator<string> {
	const { page } = visit;
	await page.goto("/");
	yield "home-signed-out";
	await page.goto("/contracts");
	yield "contracts";
	await page.goto("/there-is-no-such-page");
	yield "not-found";
	await page.goto("/sign-in");
	yield "sign-in";
	await press(visit, "Send me a code");
	await refused(visit);
	yield "sign-in-error";
	await page.getByLabel("E-mail address").fill(email);
	await press(visit, "Send me a code");
	await heading(visit, "Enter your code");
	yield "code";
	await page.getByLabel("Code", { exact: true }).fill("ZZZZ");
	await press(visit, "Sign in");
	await refused(visit);
	yield "code-error";
	await page.getByLabel("Code", { exact: true }).fill(await site.codeFor(email));
	await press(visit, "Sign in");
	await heading(visit, "What comes next");
	yield "home-next-steps";
}

/** Of a customer who has said nothing yet. */
async function* empty(visit: Visit, { phone }: Person): AsyncGenerator<string> {
	const { page } = visit;
	await page.goto("/tickets");
	yield "tickets-empty";
	await page.goto("/plan");
	yield "plan-empty";
	await page.goto("/invoices");
	yield "invoices-empty";
	await page.goto("/tickets/new");
	yield "ticket-new-not-yet";
	await page.goto("/profile");
	yield "profile-empty";
	await press(visit, "Save profile");
	await refused(visit);
	yield "profile-error";
	await completeProfile(visit, { phone, sms: true });
	await heading(visit, "Choose your plan");
	yield "plan-edit-first";
	await page.goto("/");
	yield "home-no-plan";
}

async function* filled(visit: Visit): AsyncGenerator<string> {
	const { page } = visit;
	await page.goto("/plan/edit");
	await page.getByRole("checkbox").first().check();
	await press(visit, "Go on to the total");
	await heading(visit, "Check and sign");
	yield "plan-review";
	await page.goto("/plan/edit");
	await choosePlan(visit);
	await heading(visit, "Submit a ticket");
	yield "ticket-new";
	await submitTicket(visit, "", []);
	await refused(visit);
	yield "ticket-new-error";
	await submitTicket(visit, "Aurora 55 television in the living room");
	await heading(visit, "Aurora 55 television in the living room");
	yield "ticket-submitted";
	await page.getByLabel("Add a comment").fill("It works again when it is cold.\nIn the morning, mostly.");
	await press(visit, "Add comment");
	await page.getByText("In the morning, mostly.").waitFor();
	yield "ticket-commented";
	await page.getByRole("link", { name: "I no longer need this visit" }).click();
	await heading(visit, "Cancel this ticket?");
	yield "ticket-cancel";
	await press(visit, "Yes, cancel it");
	await heading(visit, "Aurora 55 television in the living room");
	yield "ticket-cancelled";
	await page.goto("/tickets/new");
	await submitTicket(visit, "A coffee machine");
	await heading(visit, "A coffee machine");
	await page.goto("/tickets");
	yield "tickets";
	await page.goto("/");
	yield "home";
	await page.goto("/profile");
	yield "profile";
	yield* plan(visit);
}

async function* plan(visit: Visit): AsyncGenerator<string> {
	const { page } = visit;
	await page.goto("/plan");
	yield "plan";
	await page.goto("/plan/edit");
	yield "plan-edit";
	await page.getByRole("checkbox").nth(1).check();
	await press(visit, "Go on to the total");
	await heading(visit, "Check and sign");
	yield "plan-review-change";
	await press(visit, /^Sign for/);
	await heading(visit, "Your plan");
	yield "plan-changing";
	await page.goto("/plan/cancel");
	yield "plan-cancel";
	await press(visit, "Yes, cancel it");
	await heading(visit, "Your plan");
	yield "plan-ending";
	await press(visit, "Keep the plan after all");
	await heading(visit, "Your plan");
	yield "plan-kept";
}

async function* account(site: Site, visit: Visit): AsyncGenerator<string> {
	const { page } = visit;
	await page.goto("/account");
	yield "account";
	await addAuthenticator(visit);
	await page.getByLabel("Name of a new passkey").fill("My phone");
	await press(visit, "Add a passkey");
	await page.getByRole("cell", { name: "My phone" }).waitFor();
	yield "account-passkey";
	await page.goto("/account/email");
	yield "email-change";
	await press(visit, "Send a code");
	await refused(visit);
	yield "email-change-error";
	const email = newAddress();
	await page.getByLabel("New e-mail address").fill(email);
	await press(visit, "Send a code");
	await heading(visit, "Enter the code");
	yield "email-change-code";
	await page.getByLabel("Code", { exact: true }).fill("ZZZZ");
	await press(visit, "Confirm the address");
	await refused(visit);
	yield "email-change-code-error";
	await page.getByLabel("Code", { exact: true }).fill(await site.codeFor(email));
	await press(visit, "Confirm the address");
	await heading(visit, "Your account");
	yield "account-email-held";
}

async function* signedOutAgain(visit: Visit, { email, phone }: Person): AsyncGenerator<string> {
	const { page } = visit;
	await press(visit, "Sign out");
	await page.getByRole("link", { name: "Get started" }).waitFor();
	yield "home-after-sign-out";
	await page.goto(`/__dev/mail?to=${encodeURIComponent(phone)}`);
	await page.getByText("will look after").first().waitFor();
	yield "mailbox-texts";
	await page.goto(`/__dev/mail?to=${email}`);
	yield "mailbox";
	await page.getByRole("link", { name: /^Resolved/ }).click();
	yield "mailbox-mail";
}
