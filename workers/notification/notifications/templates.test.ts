import { describe, expect, it } from "vitest";
import { CardReason } from "../../../shared/cards.ts";
import { PaymentReason } from "../../../shared/events/billing.ts";
import { Language } from "../../../shared/events/customer.ts";
import { CardTemplate, InvoiceTemplate, PaymentTemplate, TicketTemplate } from "../../../shared/events/notifications.ts";
import {
	fullValues,
	someCardValues,
	someInvoiceValues,
	somePaymentValues,
	someValues,
} from "../../../shared/testing/notification.ts";
import { render } from "../../../shared/ui/letter.ts";
import { letterOf, textOf } from "./message.ts";
import { type Content, messageOf } from "./templates.ts";

const origin = "https://support.example.com";
const survey = { token: "the.survey.token", expiresAt: Date.UTC(2026, 11, 14, 10) };

const ticketPage = `${origin}/tickets/${someValues.ticketId}`;
const cardPages = { card_verified: `${origin}/cards`, card_rejected: `${origin}/cards/new` };

const invoicePage = `${origin}/invoices/${someInvoiceValues.invoiceId}`;
const paymentPages = { payment_failed: `${origin}/cards/new`, payment_recovered: `${origin}/invoices` };

/** Every template in every language, with much and little to say, for every reason; and the pages that it leads to. */
const cases: [name: string, content: Content, pages: string[]][] = Language.options.flatMap((language) => {
	const setting = { language, origin, survey: undefined };
	return [
		...TicketTemplate.options.flatMap((template): typeof cases => [
			[`${template} in ${language}`, { ...setting, template, values: fullValues, survey }, [ticketPage, `${origin}/profile`]],
			[`${template} in ${language} of little`, { ...setting, template, values: someValues }, [ticketPage, `${origin}/profile`]],
		]),
		...CardTemplate.options.flatMap((template) =>
			[null, ...CardReason.options].map((reason): (typeof cases)[number] => [
				`${template} in ${language} for the reason ${reason}`,
				{ ...setting, template, values: { ...someCardValues, reason } },
				[cardPages[template], `${origin}/account`],
			]),
		),
		...InvoiceTemplate.options.flatMap((template) =>
			[123_450, 0].map((amountMinor): (typeof cases)[number] => [
				`${template} in ${language} of ${amountMinor}`,
				{ ...setting, template, values: { ...someInvoiceValues, amountMinor } },
				[invoicePage, `${origin}/invoices`],
			]),
		),
		...PaymentTemplate.options.flatMap((template) =>
			[null, ...PaymentReason.options].flatMap((reason) =>
				[null, Date.UTC(2026, 10, 6)].map((nextAttemptAt): (typeof cases)[number] => [
					`${template} in ${language} for the reason ${reason}, ${nextAttemptAt === null ? "at its end" : "tried again"}`,
					{ ...setting, template, values: { ...somePaymentValues, reason, nextAttemptAt } },
					[paymentPages[template], `${origin}/plan`],
				]),
			),
		),
	];
});

/** What a reader sees of HTML. */
const shown = (html: string) =>
	html
		.replace(/<style>.*?<\/style>/s, "")
		.replace(/<[^>]*>/g, " ")
		.replaceAll("&lt;", "<")
		.replaceAll("&gt;", ">")
		.replaceAll("&quot;", '"')
		.replaceAll("&#39;", "'")
		.replaceAll("&amp;", "&");

describe.each(cases)("%s", (_, content, pages) => {
	const mail = render(letterOf(messageOf(content)));
	const text = textOf(messageOf(content));

	it("says the same as HTML and as text, leads to what it is about, and to where such messages are turned off or doubted", () => {
		for (const link of pages) {
			expect(mail.text).toContain(`${link}\n`);
			expect(mail.html).toContain(`href="${link}"`);
		}
		expect(mail.html).toContain(`<html lang="${content.language}">`);
		const words = (text: string) => text.match(/[\p{L}\d]{2,}/gu) ?? [];
		const both = new Set(words(shown(mail.html)));
		expect(words(mail.text.replaceAll(/https:\S+/g, "")).filter((word) => !both.has(word))).toEqual([]);
	});

	it("has a preview, which readers of HTML do not see again", () => {
		const [, preview = ""] = /<body[^>]*>\n<div style="display:none[^>]*>([^<]+)<\/div>/.exec(mail.html) ?? [];

		expect(preview).toMatch(/\p{L}{3}/u);
		expect(preview).not.toContain(mail.subject);
	});

	it("says it plainly", () => {
		expect(mail.subject + mail.text).not.toMatch(/!(?!$)| {2}/m);
	});

	it("leaves no placeholder", () => {
		expect(mail.subject + mail.text + shown(mail.html) + text).not.toMatch(/[{}]|null|undefined/);
		expect(mail.text).not.toContain("\n\n\n");
	});

	it("loads nothing and runs nothing", () => {
		expect(mail.html).not.toMatch(/<(img|script|link|iframe|svg|form|object)|src=|url\(|@import|javascript:/i);
	});

	it("is one text message of 160 characters of the GSM alphabet, which ends with the link", () => {
		// GSM 03.38, of which each of these is one septet
		expect(text).toMatch(/^[\w @£$¥èéùìòÇØøÅåÆæßÉ!"#%&'()*+,./:;<=>?¡ÄÖÑÜ§¿äöñüà-]{1,160}$/);
		expect(text.endsWith(` ${pages[0]}`)).toBe(true);
	});
});

it("every template has words, of its own", () => {
	const templates = [TicketTemplate, CardTemplate, InvoiceTemplate, PaymentTemplate].map(({ options }) => options);
	const subjects = cases.map(([, content]) => `${content.language} ${content.template} ${messageOf(content).subject}`);

	expect(new Set(subjects).size).toBe(Language.options.length * templates.flat().length);
});
