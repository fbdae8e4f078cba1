import { describe, expect, it } from "vitest";
import { PaymentReason } from "../../../shared/events/billing.ts";
import type { Language } from "../../../shared/events/customer.ts";
import type { PaymentTemplate, PaymentValues } from "../../../shared/events/notifications.ts";
import { somePaymentValues } from "../../../shared/testing/notification.ts";
import { render } from "../../../shared/ui/letter.ts";
import { letterOf } from "./message.ts";
import { paymentMessage } from "./payment-message.ts";

const origin = "https://support.example.com";

/** Subject and text; spaces as a keyboard has them. */
function mailOf(template: PaymentTemplate, language: Language, values: Partial<PaymentValues> = {}) {
	const content = { template, language, values: { ...somePaymentValues, ...values }, origin, survey: undefined };
	const { subject, text } = render(letterOf(paymentMessage(content)));
	return { subject, text: text.replaceAll(/[\u00a0\u2009\u202f]/g, " ") };
}

it.each([
	[
		"en",
		"Your support plan is not paid yet",
		"Amount: €12.90\nPeriod: 2 November – 1 December 2026\nNext attempt: 6 November 2026\n",
		"We will try again on 6 November 2026.",
	],
	[
		"de",
		"Ihr Supportplan ist noch nicht bezahlt",
		"Betrag: 12,90 €\nZeitraum: 2. November – 1. Dezember 2026\nNächster Versuch: 6. November 2026\n",
		"Wir versuchen es am 6. November 2026 noch einmal.",
	],
] as const)("what was not charged, for what, and when it is tried again, is said in %s", (language, subject, facts, again) => {
	const mail = mailOf("payment_failed", language);

	expect(mail.subject).toBe(subject);
	expect(mail.text).toContain(facts);
	expect(mail.text).toContain(again);
	expect(mail.text).toContain(`${origin}/cards/new\n`);
});

it.each([
	["en", "Your support plan is paid", "There is nothing more for you to do."],
	["de", "Ihr Supportplan ist bezahlt", "Sie brauchen nichts weiter zu tun."],
] as const)("that it is paid after all is said in %s, and where the invoices are", (language, subject, done) => {
	const mail = mailOf("payment_recovered", language, { reason: null, nextAttemptAt: null });

	expect(mail.subject).toBe(subject);
	expect(mail.text).toContain(done);
	expect(mail.text).toContain(`${origin}/invoices\n`);
	expect(mail.text).not.toMatch(/\/cards\/new|add a card|try again|Karte hinzu|noch einmal/);
});

it.each([
	[
		"en",
		"There is nothing left to pay for this period",
		"nothing is due for it any more",
		"Period: 2 November – 1 December 2026",
	],
	[
		"de",
		"Für diesen Zeitraum ist nichts mehr zu bezahlen",
		"dafür nichts mehr offen",
		"Zeitraum: 2. November – 1. Dezember 2026",
	],
] as const)("of a period that costs nothing any more nobody hears in %s that it was paid", (language, subject, done, period) => {
	const mail = mailOf("payment_recovered", language, { reason: null, nextAttemptAt: null, amountMinor: 0 });

	expect(mail.subject).toBe(subject);
	expect(mail.text).toContain(done);
	expect(mail.text).toContain(period);
	expect(mail.text).not.toMatch(/€|is paid|ist bezahlt|now paid|nun bezahlt|own e-mail|e-mail of its own|eigenen E-Mail/);
});

describe.each([
	["en", "We will try again", "Please add a card.", "We will not try again automatically."],
	["de", "Wir versuchen es am", "Bitte fügen Sie eine Karte hinzu.", "Automatisch versuchen wir es nicht noch einmal."],
] as const)("in %s", (language, again, noCard, over) => {
	it.each(PaymentReason.options)("who hears of %s is told whether anything happens by itself", (reason) => {
		const told = (nextAttemptAt: number | null) => {
			const { text } = mailOf("payment_failed", language, { reason, nextAttemptAt });
			return { again: text.includes(again), over: text.includes(over), add: text.includes(noCard) };
		};

		expect(told(Date.UTC(2026, 10, 6))).toMatchObject({ again: true, over: false });
		const missing = reason === "no_card";
		expect(told(null)).toMatchObject({ again: false, over: !missing, ...(missing ? { add: true } : {}) });
	});

	it("each reason has words of its own", () => {
		const plain = mailOf("payment_failed", language, { reason: null }).text.split("\n\n");
		const told = PaymentReason.options.map((reason) =>
			mailOf("payment_failed", language, { reason })
				.text.split("\n\n")
				.filter((paragraph) => !plain.includes(paragraph)),
		);

		expect(told.map((paragraphs) => paragraphs.length)).toEqual(PaymentReason.options.map(() => 1));
		expect(new Set(told.flat()).size).toBe(PaymentReason.options.length);
	});
});
