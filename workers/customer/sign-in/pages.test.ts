import { beforeAll, describe, expect, it } from "vitest";
import { type Customer, givenCustomer } from "../../../shared/testing/customers.ts";
import { type Answers, done, refusing, signedInAs } from "../../../shared/testing/fake-identity.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { hiddenIn, visitorOf } from "../../../shared/testing/pages.ts";
import worker from "../index.ts";

let ada: Customer;
beforeAll(async () => {
	await migrateDatabases();
	ada = await givenCustomer();
});

const email = "ada@penultimate.example";
const answers = (more: Answers = {}): Answers => ({ requestCode: done, signInWithCode: () => signedInAs(ada), ...more });

describe("signing in without script", () => {
	it("takes an address and a code, and leads to where somebody wanted to go", async () => {
		const visitor = visitorOf(worker, null, answers());

		const { text } = await visitor.get("/sign-in?next=/tickets/new");
		const code = await visitor.submit("/sign-in", { email, next: hiddenIn(text, "next") });
		expect(code).toMatchObject({ status: 200, text: expect.stringContaining("Enter your code") });
		const fields = { email: hiddenIn(code.text, "email"), next: hiddenIn(code.text, "next"), code: "ABCD-EFGH" };
		const { status, headers } = await visitor.submit("/sign-in/code", fields);

		expect({ status, location: headers.get("location") }).toEqual({ status: 303, location: "/tickets/new" });
		expect((await visitor.get("/tickets")).status).toBe(200);
		expect(visitor.browser.cookies.has("__Host-browser")).toBe(false);
	});

	it("offers the code from the mail to whom the page has led on", async () => {
		const { text } = await visitorOf(worker, null, answers()).submit("/sign-in", { email, next: "" });
		const wrong = visitorOf(worker, null, answers({ signInWithCode: refusing("wrong_code") }));
		await wrong.submit("/sign-in", { email, next: "" });
		const refused = await wrong.submit("/sign-in/code", { email, code: "X", next: "" });

		const [input = ""] = /<input[^>]* name="code"[^>]*>/.exec(text) ?? [];
		for (const part of ['autocomplete="one-time-code"', 'autocapitalize="characters"', "autofocus"])
			expect(input).toContain(part);
		expect(refused.text.indexOf("autofocus")).toBe(refused.text.indexOf('role="alert"') + 'role="alert" tabindex="-1" '.length);
	});

	it("is not asked of who is signed in, unless they are to do it again", async () => {
		const visitor = visitorOf(worker, ada);

		const { status, headers } = await visitor.get("/sign-in?next=/tickets/new");
		const again = await visitor.get("/sign-in?again=yes&next=/account");

		expect({ status, location: headers.get("location") }).toEqual({ status: 303, location: "/tickets/new" });
		expect(again).toMatchObject({ status: 200, text: expect.stringContaining("Sign out") });
		expect(hiddenIn(again.text, "next")).toBe("/account");
	});

	it("never puts the address into a path", async () => {
		const visitor = visitorOf(worker, null, answers());

		const { text, headers } = await visitor.submit("/sign-in", { email, next: "" });

		expect(headers.get("location")).toBeNull();
		expect(text.match(/(href|action)="[^"]*"/g)?.join()).not.toContain("ada");
	});

	it.each(["//evil.test", "/\\evil.test", "/%5cevil.test", "https://evil.test", "javascript:alert(1)", "/tickets\r\nx: y"])(
		"row 17: leads to the home page instead of %j",
		async (next) => {
			const visitor = visitorOf(worker, null, answers());
			const path = `/sign-in?next=${encodeURIComponent(next)}`;
			expect(hiddenIn((await visitor.get(path)).text, "next")).toBe("/");
			await visitor.submit("/sign-in", { email, next });

			const { headers } = await visitor.submit("/sign-in/code", { email, code: "ABCD-EFGH", next });

			expect(headers.get("location")).toBe("/");
			expect((await visitor.get(path)).headers.get("location")).toBe("/"); // who is signed in already
		},
	);

	it("row 17: leads nowhere else when the form is shown again", async () => {
		const visitor = visitorOf(worker, null, answers());

		const { status, text } = await visitor.submit("/sign-in", { email: "ada", next: "//evil.test" });

		expect(status).toBe(422);
		expect(hiddenIn(text, "next")).toBe("/");
		expect(text).not.toContain("evil");
	});

	it.each<[string, Answers, number, string]>([
		["a wrong code", { signInWithCode: refusing("wrong_code") }, 422, "This code is not right"],
		["identity away", { signInWithCode: () => Promise.reject(new Error("away")) }, 503, "This is not available right now"],
	])("with %s shows the form again, and nobody is signed in", async (_, more, status, message) => {
		const visitor = visitorOf(worker, null, answers(more));
		await visitor.submit("/sign-in", { email, next: "" });

		const answer = await visitor.submit("/sign-in/code", { email, code: "ABCD-EFGH", next: "" });

		expect(answer).toMatchObject({ status, text: expect.stringContaining(message) });
		expect(hiddenIn(answer.text, "email")).toBe(email);
		expect((await visitor.get("/tickets")).status).toBe(303);
	});

	it("says what is wrong with an address, and when it was asked too often", async () => {
		const often = visitorOf(worker, null, answers({ requestCode: refusing("too_many_codes") }));

		expect(await often.submit("/sign-in", { email: "ada", next: "" })).toMatchObject({
			status: 422,
			text: expect.stringContaining('<a href="#email">Enter an e-mail address'),
		});
		expect(await often.submit("/sign-in", { email, next: "" })).toMatchObject({
			status: 422,
			text: expect.stringContaining("Too many codes were asked for"),
		});
	});
});

it("signing out ends the session, and leads home with a message", async () => {
	const asked: string[] = [];
	const endSessions = () => {
		asked.push("end");
		return { customerId: ada.id, ended: [ada.sessionId] };
	};
	const visitor = visitorOf(worker, ada, { endSessions });

	const { status, headers } = await visitor.submit("/sign-out", {});

	expect({ status, location: headers.get("location"), asked }).toEqual({
		status: 303,
		location: "/?done=signed-out",
		asked: ["end"],
	});
	expect((await visitor.get("/?done=signed-out")).text).toContain("You are signed out.");
	expect((await visitor.get("/tickets")).status).toBe(303);
});
