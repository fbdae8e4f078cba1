import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { bringFromBilling, invoiceIssued, paymentFailed } from "../../shared/testing/billing-says.ts";
import { CardHolder, submissionOf } from "../../shared/testing/card-holder.ts";
import { givenCard } from "../../shared/testing/card-rows.ts";
import { CostSheet, costsOf } from "../../shared/testing/counting.ts";
import { type Customer, givenCustomer, givenTicket } from "../../shared/testing/customers.ts";
import { accountOf, done, identityThat, refreshedAs, signedInAs, withIdentity } from "../../shared/testing/fake-identity.ts";
import { newId, someTicket } from "../../shared/testing/fixtures.ts";
import { someInvoice } from "../../shared/testing/invoices.ts";
import { migrateDatabases } from "../../shared/testing/migrations.ts";
import { givenVersion } from "../../shared/testing/replica.ts";
import { chosenAnswers, givenSurvey, someAnswers } from "../../shared/testing/surveys.ts";
import { bring, statusChanged } from "../../shared/testing/updates.ts";
import { app } from "./app.ts";
import worker from "./index.ts";

let ada: Customer;
const challenge = () => ({ options: {}, challenge: "c" });
const identity = identityThat({
	requestCode: done,
	signInWithCode: () => signedInAs(ada),
	signInWithPasskey: () => signedInAs(ada),
	refresh: () => refreshedAs(ada),
	account: () => accountOf(ada),
	endSessions: () => ({ customerId: ada.id, ended: [] }),
	requestEmailChange: done,
	confirmEmailChange: done,
	cancelEmailChange: done,
	passkeyRegistrationOptions: challenge,
	passkeySignInOptions: challenge,
	registerPasskey: done,
	removePasskey: done,
	checkTrust: done,
});
const sheet = new CostSheet<Cloudflare.Env>(withIdentity(identity));
/** Sorted: at an end of an index a search reads a row less. */
const [one = "", other = "", last = ""] = [newId("ctr", "00"), newId("ctr", "00"), newId("ctr", "00")].sort();
let ticketId: string;
/** Of surveys that wait for answers: one for the API, one for its page. */
let surveys: { api: string; page: string };
let resolvedId: string;
let cardId: string;
let invoiceId: string;
/** What is sealed for an intent. */
let submission: { cardId: string };

beforeAll(async () => {
	await migrateDatabases();
	ada = await givenCustomer();
	for (const contractId of [one, other, last]) await givenVersion(ada.database, { contractId });
	surveys = { api: (await givenSurvey()).token, page: (await givenSurvey()).token };
	[ticketId = "", resolvedId = ""] = [(await givenTicket(ada)).id, (await givenTicket(ada)).id].sort(); // as above
	const holder = new CardHolder(worker, ada);
	const intents = [await holder.givenIntent(), await holder.givenIntent(), await holder.givenIntent()];
	const [, between] = intents.sort((a, b) => (a.cardId < b.cardId ? -1 : 1)); // as above
	if (between) submission = await submissionOf(between);
	await bring(worker, statusChanged(ada.id, resolvedId, { status: "resolved" }));
	const [before = "", verified = "", after = ""] = [newId("crd", "00"), newId("crd", "00"), newId("crd", "00")].sort(); // as above
	cardId = await givenCard(ada, { id: verified });
	for (const id of [before, after]) await givenCard(ada, { id, state: "removed" });
	const invoices = [someInvoice("00"), someInvoice("00"), someInvoice("00")].sort((a, b) => (a.invoiceId < b.invoiceId ? -1 : 1)); // as above
	invoiceId = invoices[1]?.invoiceId ?? "";
	const said = invoices.map((invoice) => invoiceIssued(ada.id, invoice));
	await bringFromBilling(worker, ...said, paymentFailed(ada.id));
	await env.CUSTOMER_DB_00.prepare("insert into cron_runs values ('* * * * *', ?)").bind(Date.now()).run();
	await ask("GET", "/api/v1/tickets")(env); // the look for an overdue relay is over for a minute
});

const email = "ada@penultimate.example";
const json = (body: object) => ({ type: "application/json", text: JSON.stringify(body) });
const form = (fields: Record<string, string>) => ({
	type: "application/x-www-form-urlencoded",
	text: new URLSearchParams(fields).toString(),
});

function ask(method: string, path: string, body?: { type: string; text: string }) {
	const cookies = { session: ada.token, refresh: "secret", browser: "b".repeat(22), challenge: "c" };
	const headers = {
		cookie: Object.entries(cookies)
			.map(([name, value]) => `__Host-${name}=${value}`)
			.join("; "),
		origin: "https://customer.test",
		accept: path.startsWith("/api/") ? "application/json" : "text/html",
		...(body ? { "content-type": body.type } : {}),
	};
	const init = { method, headers, redirect: "manual" as const, ...(body ? { body: body.text } : {}) };
	const token = path.startsWith("/api/") ? surveys.api : surveys.page;
	const cards = { "/cards": cardId, "/api/": submission.cardId };
	const [, card] = Object.entries(cards).find(([start]) => path.startsWith(start) && path.includes("/cards/")) ?? [];
	const id = path.includes("/invoices/") ? invoiceId : (card ?? (path.includes("reopening") ? resolvedId : ticketId));
	const request = new Request(`https://customer.test${path.replace(":id", id).replace(":token", token)}`, init);
	return (bindings: Cloudflare.Env) =>
		costsOf(bindings, async (counted, execution) => {
			const response = await worker.fetch(request, counted, execution);
			await response.text();
			expect(response.status, `${method} ${path}`).toBeLessThan(400); // what is refused costs too little
		});
}

const address = { street: "1 Way", postalCode: "1", city: "London", country: "GB", region: "south", phone: "+44 20 7946 0000" };
const profile = { name: "Ada", ...address, language: "en" };
const ticket = { ...someTicket, availability: "evening", key: "of-the-form" };

type Body = ReturnType<typeof json>;
/** Every route once, with what it takes, in an order in which each is taken. */
const requests: readonly (readonly [route: string, body?: Body | (() => Body) | undefined, query?: string])[] = [
	["POST /api/auth/email-otp/send-verification-otp", json({ email })],
	["POST /api/auth/sign-in/email-otp", json({ email, otp: "7Q2KM4XZ" })],
	["GET /api/auth/passkey/generate-authenticate-options"],
	["POST /api/auth/passkey/verify-authentication", json({ response: {} })],
	["POST /api/auth/token", json({})],
	["GET /api/auth/list-sessions"],
	["POST /api/auth/revoke-session", json({ id: newId("ses", "00") })],
	["POST /api/auth/revoke-other-sessions", json({})],
	["GET /api/auth/passkey/generate-register-options"],
	["POST /api/auth/passkey/verify-registration", json({ response: {} })],
	["POST /api/auth/passkey/delete-passkey", json({ id: "pk" })],
	["POST /api/auth/change-email", json({ email })],
	["POST /api/auth/change-email/confirm", json({ email, otp: "7Q2KM4XZ" })],
	["POST /api/auth/change-email/cancel", json({})],
	["GET /api/v1/contracts"],
	["GET /api/v1/profile"],
	["PUT /api/v1/profile", json({ ...profile, notify: { email: true, sms: false } })],
	["GET /api/v1/plan"],
	["PUT /api/v1/plan", json({ lines: [{ contractId: one, version: 1 }] })],
	["POST /api/v1/cards/intents", json({})],
	["POST /api/v1/cards", () => json(submission)],
	["GET /api/v1/cards"],
	["DELETE /api/v1/cards/:id"],
	["GET /api/v1/invoices"],
	["GET /api/v1/invoices/:id"],
	["GET /api/v1/payments"],
	["POST /api/v1/tickets", json(someTicket)],
	["GET /api/v1/tickets"],
	["GET /api/v1/tickets/:id"],
	["POST /api/v1/tickets/:id/comments", json({ text: "Hello?" })],
	["POST /api/v1/tickets/:id/cancellation", json({})],
	["POST /api/v1/surveys/:token", json(someAnswers)],
	["POST /api/v1/tickets/:id/reopening", json({ text: "Again." })],
	["GET /"],
	["GET /contracts"],
	["GET /sign-in", undefined, "?again=yes"],
	["POST /sign-in", form({ email, next: "" })],
	["GET /sign-in/code"],
	["POST /sign-in/code", form({ email, code: "7Q2KM4XZ", next: "" })],
	["GET /profile"],
	["POST /profile", form({ ...profile, name: "Ada Example", notify: "email" })],
	["GET /plan"],
	["GET /plan/edit"],
	["GET /plan/review", undefined, `?line=${other}.1`],
	["POST /plan/review", form({ line: `${other}.1` })],
	["POST /plan/keep", form({})],
	["GET /plan/cancel"],
	["POST /plan/cancel", form({})],
	["GET /tickets"],
	["GET /tickets/new"],
	["POST /tickets/new", form(ticket)],
	["GET /tickets/:id"],
	["POST /tickets/:id/comments", form({ text: "Hello again?", key: "of-the-form" })],
	["GET /tickets/:id/comments"],
	["GET /tickets/:id/cancellation"],
	["POST /tickets/:id/cancellation", form({})],
	["GET /surveys/:token"],
	["POST /surveys/:token", form({ ...chosenAnswers, key: "of-the-form" })],
	["GET /tickets/:id/reopening"],
	["POST /tickets/:id/reopening", form({ text: "Again!", key: "of-the-form-of-reopening" })],
	["GET /cards"],
	["GET /cards/new"],
	["GET /cards/:id/removal"],
	["POST /cards/:id/removal", form({})],
	["GET /invoices"],
	["GET /invoices/:id"],
	["GET /account"],
	["GET /account/email"],
	["POST /account/email", form({ email })],
	["GET /account/email/code"],
	["POST /account/email/code", form({ email, code: "7Q2KM4XZ" })],
	["POST /account/email/cancel", form({})],
	["POST /account/passkeys/remove", form({ id: "pk" })],
	["POST /account/sessions/end", form({ id: "others" })],
	["POST /api/reports/csp", { type: "application/csp-report", text: "{}" }],
	["GET /healthz"],
	["POST /sign-out", form({})],
	["POST /api/auth/sign-out", json({})],
];

it("what every route costs stands in test/costs/customer-routes.md", { timeout: 60_000 }, async () => {
	for (const [route, body, query = ""] of requests) {
		const [method = "", path = ""] = route.split(" ");
		sheet.rows[route] = await ask(method, path + query, typeof body === "function" ? body() : body)(withIdentity(identity));
		// the end of a session is told to the shard; the next route has it all the same
		await ada.database.prepare("delete from revoked_sessions").run();
		// a wish is for once; the form is taken like the API
		await ada.database.prepare("update tickets set reopen_requested_at = null").run();
	}

	expect(Object.entries(sheet.rows).filter(([, { d1Calls, otherCalls }]) => d1Calls > 3 || otherCalls > 2)).toEqual([]);
	await expect(sheet.table("customer")).toMatchFileSnapshot("../../test/costs/customer-routes.md");
});

it("no route is left out", () => {
	const routes = app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`);

	expect(requests.map(([route]) => route).sort()).toEqual([...new Set(routes)].sort());
});
