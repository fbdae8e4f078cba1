import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { joseSurveyTokens } from "../../../shared/crypto/survey-token.ts";
import { customerId } from "../../../shared/testing/fixtures.ts";
import {
	mailError,
	NotificationWorld,
	notificationRequested,
	someCardNotification,
	someCardValues,
	someInvoiceNotification,
	someInvoiceValues,
	someNotification,
	somePaymentNotification,
	somePaymentValues,
	someValues,
} from "../../../shared/testing/notification.ts";
import { days, hours, minutes, seconds } from "../../../shared/time.ts";
import { notificationCtx } from "../context.ts";
import worker from "../index.ts";
import { sendDue } from "./send-due.ts";

let world: NotificationWorld;
beforeEach(async () => {
	world = await NotificationWorld.start(worker);
});

const refuses = (code = "E_INTERNAL_SERVER_ERROR") => {
	world.beforeMail = () => {
		throw mailError(code);
	};
};
const takes = () => {
	world.beforeMail = () => {};
};
const many = (count: number) => Array.from({ length: count }, () => someNotification());
/** Ids of the mails that went out. */
const mailed = () => world.mails.map(({ headers }) => headers?.["X-Notification-ID"]);

describe("a message that was asked for", () => {
	it("leaves with the batch that brought it, bears its id, and is forgotten but for the fact", async () => {
		const wanted = someNotification();

		await world.request(wanted);

		expect(world.mails).toEqual([
			expect.objectContaining({
				from: "support@penultimate.example",
				to: "ada@customer.example",
				subject: "We have your ticket: Television",
				headers: { "X-Notification-ID": wanted.notificationId },
			}),
		]);
		const sent = {
			id: wanted.notificationId,
			status: "sent",
			recipient: null,
			content: null,
			attempts: 1,
			next_attempt_at: null,
		};
		expect(await world.rows()).toEqual([expect.objectContaining(sent)]);
	});

	it("is sent once, however often the event comes, and whoever asks for the same again", async () => {
		const wanted = someNotification();
		const message = await notificationRequested(wanted);

		await world.deliver(message, message);
		await world.deliver(message);
		await world.request(wanted); // another event: the inbox knows nothing of it
		world.pass(days);
		await world.cron();

		expect(mailed()).toEqual([wanted.notificationId]);
	});

	it("is sent once by two runs at the same time", async () => {
		const wanted = many(30);
		refuses();
		await world.request(...wanted);
		takes();
		world.pass(hours);

		await Promise.all([world.cron(), world.cron(), world.cron()]);

		expect(mailed().toSorted()).toEqual(wanted.map(({ notificationId }) => notificationId).toSorted());
	});

	it("of an erased customer is accepted, and nobody is written to", async () => {
		const id = customerId("00");
		await env.NOTIFICATION_DB.prepare("insert into erased_customers values (?, 0)").bind(id).run();

		await world.request(someNotification());
		await world.cron();

		expect(await world.rows()).toEqual([]);
		expect(world.mails).toEqual([]);
		expect(await world.rows("select verdict, reason from inbox")).toEqual([{ verdict: "accepted", reason: null }]);
	});

	it("that a ticket is resolved leads to its survey, for as long as the survey can be answered", async () => {
		const surveyId = "srv_001g2xbhk9yfv2dw49c1tg86vajh_1";
		const surveyExpiresAt = Date.now() + 14 * days;
		await world.request(someNotification({ template: "ticket_resolved", values: { ...someValues, surveyId, surveyExpiresAt } }));

		const token = /https:\/\/customer\.test\/surveys\/(\S+)/.exec(world.mails[0]?.text ?? "")?.[1] ?? "";
		const invitation = await joseSurveyTokens(env.SURVEY_KEYS).verify(token, Date.now());
		expect(invitation).toEqual({ surveyId, expiresAt: surveyExpiresAt });
	});
});

describe("a message about a card", () => {
	it.each([
		["card_verified", null, "Your card is saved: Visa ending in 4242", "/cards"],
		["card_rejected", "expired", "We could not accept your card: Visa ending in 4242", "/cards/new"],
	] as const)("%s leaves as those about tickets do, and is forgotten like them", async (template, reason, subject, page) => {
		await world.request(someNotification(), someCardNotification({ template, values: { ...someCardValues, reason } }));

		const mails = new Map(world.mails.map((mail) => [mail.subject, mail.text])); // they leave together
		expect([...mails.keys()].toSorted()).toEqual([subject, "We have your ticket: Television"].toSorted());
		expect(mails.get(subject)).toContain(`https://customer.test${page}\n`);
		expect(await world.rows("select distinct status, recipient, content from notifications")).toEqual([
			{ status: "sent", recipient: null, content: null },
		]);
	});

	it("waits and is tried again with what it says", async () => {
		refuses();
		await world.request(someCardNotification());
		takes();
		world.pass(minutes);
		await world.cron();

		expect(world.mails.map(({ subject }) => subject)).toEqual(["Your card is saved: Visa ending in 4242"]);
	});

	it("is a text message, where one is asked for", async () => {
		await world.request(someCardNotification({ channel: "sms", recipient: "+49 30 5550100" }));

		expect(world.texts).toMatchObject([{ text: "Your card is saved: Visa ending in 4242. https://customer.test/cards" }]);
	});
});

describe("a message about money", () => {
	it("leaves as those about tickets do, and is forgotten like them", async () => {
		const number = "CRN-00-000004";
		await world.request(
			someInvoiceNotification(),
			someInvoiceNotification({ template: "credit_note_issued", values: { ...someInvoiceValues, number } }),
			somePaymentNotification(),
			somePaymentNotification({
				template: "payment_recovered",
				values: { ...somePaymentValues, reason: null, nextAttemptAt: null },
			}),
		);

		const mails = new Map(world.mails.map((mail) => [mail.subject, mail.text])); // they leave together
		expect([...mails.keys()].toSorted()).toEqual([
			"Your credit note CRN-00-000004",
			"Your invoice INV-00-000123",
			"Your support plan is not paid yet",
			"Your support plan is paid",
		]);
		const page = `https://customer.test/invoices/${someInvoiceValues.invoiceId}`;
		expect(mails.get("Your invoice INV-00-000123")).toContain(`${page}\n`);
		expect(await world.rows("select distinct status, recipient, content from notifications")).toEqual([
			{ status: "sent", recipient: null, content: null },
		]);
	});

	it("waits while no mail is taken, and goes out once with what it says", async () => {
		refuses();
		const wanted = someInvoiceNotification();
		const message = await notificationRequested(wanted);
		await world.deliver(message);
		takes();
		world.pass(minutes);
		await world.deliver(message);
		await world.cron();

		expect(world.mails.map(({ subject }) => subject)).toEqual(["Your invoice INV-00-000123"]);
		expect(mailed()).toEqual([wanted.notificationId]);
	});
});

describe("what is asked for", () => {
	const verdicts = () => world.rows("select verdict, reason from inbox");

	it("in the version of before there were cards is sent as ever", async () => {
		await world.deliver(await notificationRequested(someNotification(), { version: 1 }));

		expect(world.mails.map(({ subject }) => subject)).toEqual(["We have your ticket: Television"]);
	});

	it("in the version of before there were invoices is sent as ever", async () => {
		const wanted = [someNotification(), someCardNotification()];
		await world.deliver(...(await Promise.all(wanted.map((one) => notificationRequested(one, { version: 2 })))));

		const subjects = ["We have your ticket: Television", "Your card is saved: Visa ending in 4242"];
		expect(world.mails.map(({ subject }) => subject).toSorted()).toEqual(subjects);
	});

	it("in one of these about what it does not know, or with a template and the values of another, is rejected and stored nowhere", async () => {
		const mixed = [
			await notificationRequested(someCardNotification(), { version: 1 }),
			await notificationRequested(someInvoiceNotification(), { version: 2 }),
			await notificationRequested(somePaymentNotification(), { version: 2 }),
			await notificationRequested({ ...someInvoiceNotification(), values: somePaymentValues }),
			await notificationRequested({ ...someInvoiceNotification(), values: { ...someInvoiceValues, amountMinor: -1 } }),
			await notificationRequested({ ...somePaymentNotification(), values: { ...somePaymentValues, reason: "luhn" } }),
			await notificationRequested({ ...someCardNotification(), values: someValues }),
			await notificationRequested({ ...someNotification(), values: someCardValues }),
			await notificationRequested({ ...someNotification(), template: "card_lost" }),
		];
		await world.deliver(...mixed);

		expect(await verdicts()).toEqual(mixed.map(() => ({ verdict: "rejected", reason: "schema" })));
		expect(await world.rows()).toEqual([]);
	});
});

describe("while no mail is taken", () => {
	it("a message is tried again after 1, 2, 4 minutes up to an hour, for days, and then goes out once", async () => {
		refuses();
		const wanted = many(3);
		await world.request(...wanted);

		// when two days go by, and every minute somebody looks
		const calls: number[] = [];
		for (let minute = 1; minute <= 200; minute++) {
			world.pass(minutes);
			const before = world.mailCalls;
			await world.cron();
			if (world.mailCalls > before) calls.push(minute);
		}
		// then the distance doubles to an hour
		expect(calls).toEqual([1, 3, 7, 15, 31, 63, 123, 183]);
		expect(await world.rows("select distinct status, failure from notifications")).toEqual([
			{ status: "pending", failure: "mail_unavailable" },
		]);

		// and when mails are taken again, each goes out once
		world.pass(2 * days - 200 * minutes);
		takes();
		for (let i = 0; i < 3; i++) {
			await world.cron();
			world.pass(hours);
		}
		expect(mailed().toSorted()).toEqual(wanted.map(({ notificationId }) => notificationId).toSorted());
	});

	it("it is given up when it has expired, with an alarm, and does not go out later", async () => {
		refuses("E_RATE_LIMIT_EXCEEDED");
		const wanted = someNotification({ expiresAt: Date.now() + 90 * minutes });
		await world.request(wanted);
		for (let minute = 1; minute <= 90; minute++) {
			world.pass(minutes);
			await world.cron();
		}

		expect(await world.rows("select status from notifications")).toEqual([{ status: "expired" }]);
		takes();
		world.pass(hours);
		await world.cron();

		expect(world.mails).toEqual([]);
		const expired = { status: "expired", failure: "rate_limited", recipient: "ada@customer.example", next_attempt_at: null };
		expect(await world.rows()).toEqual([expect.objectContaining(expired)]);
		expect(world.logged.filter((line) => line.includes('"alarm"'))).toEqual([expect.stringContaining(wanted.notificationId)]);
	});

	it("one that arrives when it has expired is never tried", async () => {
		await world.request(someNotification({ expiresAt: Date.now() }));

		expect(world.mailCalls).toBe(0);
		expect(await world.rows()).toEqual([expect.objectContaining({ status: "expired", attempts: 0 })]);
	});

	it("a run stops after the first page that nobody took, and text messages leave as ever", async () => {
		refuses();
		const texts = many(5).map((one) => ({ ...one, channel: "sms" as const, recipient: "+49 30 5550100" }));

		await world.request(...many(50), ...texts);

		expect(world.mailCalls).toBe(20);
		expect(world.texts).toHaveLength(5);
	});
});

describe("a message that we cannot make", () => {
	it("holds up none of those behind it, however many there are", async () => {
		const invited = { surveyId: `srv_${someValues.ticketId.slice(4)}_1`, surveyExpiresAt: Date.now() + 30 * days };
		const broken = many(25).map((one) => ({ ...one, values: { ...someValues, ...invited } }));
		world.settings = { SURVEY_KEYS: "{}" };
		await world.request(...broken);
		world.pass(hours);
		const good = someNotification();

		await world.request(good);

		expect(mailed()).toEqual([good.notificationId]);
		expect(await world.rows("select distinct status, failure from notifications where status <> 'sent'")).toEqual([
			{ status: "pending", failure: "unexpected" },
		]);
	});
});

describe("an invitation to a survey", () => {
	it.each([
		["goes out while it can be answered for a day", 1 * days + seconds, true],
		["is left out of what goes out later than that", 1 * days, false],
	])("%s", async (_, left, invites) => {
		const surveyId = `srv_${someValues.ticketId.slice(4)}_1`;
		const values = { ...someValues, surveyId, surveyExpiresAt: Date.now() + left };

		await world.request(someNotification({ template: "ticket_resolved", values }));

		expect(world.mails).toHaveLength(1);
		expect(world.mails[0]?.text.includes("/surveys/")).toBe(invites);
	});
});

it("a text message has no room for an invitation, and needs no key of one", async () => {
	const values = { ...someValues, surveyId: `srv_${someValues.ticketId.slice(4)}_1`, surveyExpiresAt: Date.now() + 30 * days };
	world.settings = { ...world.settings, SURVEY_KEYS: "{}" };

	await world.request(someNotification({ channel: "sms", recipient: "+49 30 5550100", template: "ticket_resolved", values }));

	expect(world.texts).toHaveLength(1);
	expect(world.texts[0]?.text).not.toContain("/surveys/");
});

describe("a refusal for good", () => {
	it.each([
		["E_RECIPIENT_SUPPRESSED", "recipient_suppressed"],
		["E_RECIPIENT_NOT_ALLOWED", "recipient_not_allowed"],
		["E_CONTENT_TOO_LARGE", "too_large"],
	])("by %s ends it at once; the others of the batch go out", async (code, failure) => {
		const [first, second] = [someNotification(), someNotification({ recipient: "grace@customer.example" })];
		world.beforeMail = ({ to }) => {
			if (to === first.recipient) throw mailError(code);
		};

		await world.request(first, second);
		world.pass(days);
		takes();
		await world.cron();

		expect(mailed()).toEqual([second.notificationId]);
		const failed = { status: "failed", failure, attempts: 1, recipient: "ada@customer.example" };
		expect(await world.rows("select * from notifications where id = ?", first.notificationId)).toEqual([
			expect.objectContaining(failed),
		]);
	});

	it.each(["E_SENDER_NOT_VERIFIED", "E_VALIDATION_ERROR", "E_HEADER_NOT_ALLOWED", "E_OF_NEXT_YEAR"])(
		"is not what %s is: that may be mended",
		async (code) => {
			refuses(code);
			const wanted = someNotification();
			await world.request(wanted);
			takes();
			world.pass(minutes);
			await world.cron();

			expect(mailed()).toEqual([wanted.notificationId]);
		},
	);

	it("neither row nor log hold what the provider said, nor the address", async () => {
		refuses("E_RECIPIENT_SUPPRESSED");
		await world.request(someNotification());

		expect(world.logged.join("\n")).toContain("notification_failed");
		expect(world.logged.join("\n")).not.toMatch(/ada@|550/);
		expect(await world.rows("select failure from notifications")).toEqual([{ failure: "recipient_suppressed" }]);
	});
});

describe("a run that dies", () => {
	it("between the mail and its mark sends a copy with the same id, when the lease has ended and not before", async () => {
		const wanted = many(30);
		refuses();
		await world.request(...wanted);
		takes();
		world.pass(hours);
		// given that the database goes away with the first mail
		world.afterMail = () => {
			world.database.down = true;
		};
		await world.cron();
		// then no further one was begun: at most what was under way
		const first = mailed();
		expect(first.length).toBeLessThanOrEqual(3);

		world.database.down = false;
		world.afterMail = () => {};
		world.pass(10 * minutes - seconds);
		await world.cron();
		expect(mailed().filter((id) => first.includes(id))).toEqual(first);

		world.pass(seconds);
		await world.cron();
		expect(
			mailed()
				.filter((id) => first.includes(id))
				.toSorted(),
		).toEqual([...first, ...first].toSorted());
		expect(new Set(mailed())).toEqual(new Set(wanted.map(({ notificationId }) => notificationId)));
	});

	it("whose mark is stored but not answered sends no copy", async () => {
		world.afterMail = () => {
			world.database.answersToLose = 1;
		};
		const wanted = someNotification();
		await world.request(wanted);
		world.pass(hours);
		await world.cron();

		expect(mailed()).toEqual([wanted.notificationId]);
	});

	it("in the mail call leaves it to the next after the lease; and what it learns late changes nothing", async () => {
		let answer: (error: Error) => void = () => {};
		world.beforeMail = () => new Promise((_, reject) => (answer = reject));
		const wanted = someNotification();
		const ctx = notificationCtx(world.env, createExecutionContext());
		await env.NOTIFICATION_DB.prepare(
			`insert into notifications (id, customer_id, channel, recipient, language, template, content, status, requested_at,
				expires_at, next_attempt_at) values (?, ?, 'email', 'ada@customer.example', 'en', 'ticket_received', ?, 'pending', 0, ?, 0)`,
		)
			.bind(wanted.notificationId, customerId("00"), JSON.stringify(wanted.values), wanted.expiresAt)
			.run();
		const hanging = sendDue(ctx);
		await expect.poll(() => world.mailCalls).toBe(1);

		takes();
		world.pass(10 * minutes);
		await world.cron();
		answer(mailError("E_RECIPIENT_SUPPRESSED"));
		await hanging;

		expect(mailed()).toEqual([wanted.notificationId]);
		expect(await world.rows("select status, failure from notifications")).toEqual([{ status: "sent", failure: null }]);
	});

	it("leaves what it could not begin in half the lease", async () => {
		world.afterMail = () => world.pass(2 * minutes);
		await world.request(...many(20));

		expect(world.mails.length).toBeLessThan(20);
		world.afterMail = () => {};
		world.pass(10 * minutes);
		await world.cron();
		expect(new Set(mailed()).size).toBe(20);
		expect(mailed()).toHaveLength(20);
	});
});

describe("a text message", () => {
	const wanted = someNotification({ channel: "sms", recipient: "+49 (30) 555-0100" });

	it("is posted with its id, under our token, to digits", async () => {
		await world.request(wanted);

		const [text] = world.texts;
		expect(text).toMatchObject({ to: "+49305550100", text: expect.stringContaining('about "Television"') });
		expect(text?.headers.get("idempotency-key")).toBe(wanted.notificationId);
		expect(text?.headers.get("authorization")).toBe("Bearer a-token");
		expect(await world.rows("select status from notifications")).toEqual([{ status: "sent" }]);
	});

	it.each([
		["+49 (0)30 555-0100", "+49305550100"],
		["+49 (0) 30/555 01 00", "+49305550100"],
		["+44 20 7946 0000", "+442079460000"],
		["+(49) 30 5550100", "+49305550100"],
	])("to %s is to %s", async (recipient, to) => {
		await world.request(someNotification({ channel: "sms", recipient }));

		expect(world.texts).toMatchObject([{ to }]);
	});

	it.each([
		[400, "failed", "sms_refused"],
		[422, "failed", "sms_refused"],
		[401, "pending", "sms_status_401"],
		[429, "pending", "sms_status_429"],
		[503, "pending", "sms_status_503"],
		[null, "pending", "sms_unavailable"],
	])("that is answered with %s is %s", async (smsStatus, status, failure) => {
		world.smsStatus = smsStatus;
		await world.request(wanted);

		expect(await world.rows("select status, failure from notifications")).toEqual([{ status, failure }]);
	});

	it("fails at once where no provider is configured: the staff see it", async () => {
		world.settings = { SMS_URL: "" };
		await world.request(wanted);

		expect(await world.rows("select status, failure from notifications")).toEqual([
			{ status: "failed", failure: "sms_not_configured" },
		]);
	});
});

describe("every hour", () => {
	it("what was not sent is forgotten after 30 days, and that it was ever asked for after 90", async () => {
		refuses("E_RECIPIENT_SUPPRESSED");
		await world.request(someNotification());
		takes();
		await world.request(someNotification());
		const kept = () => world.rows("select status, recipient from notifications order by status");

		world.pass(30 * days);
		await world.cron("17 * * * *");
		expect(await kept()).toEqual([
			{ status: "failed", recipient: "ada@customer.example" },
			{ status: "sent", recipient: null },
		]);
		world.pass(seconds);
		await world.cron("17 * * * *");
		expect(await world.rows("select recipient, content from notifications where status = 'failed'")).toEqual([
			{ recipient: null, content: null },
		]);

		world.pass(60 * days - seconds);
		await world.cron("17 * * * *");
		expect(await kept()).toHaveLength(2);
		world.pass(seconds);
		await world.cron("17 * * * *");
		expect(await kept()).toEqual([]);
	});
});
