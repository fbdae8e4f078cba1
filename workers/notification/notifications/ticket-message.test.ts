import { describe, expect, it } from "vitest";
import { Language } from "../../../shared/events/customer.ts";
import { TicketTemplate, type TicketValues } from "../../../shared/events/notifications.ts";
import { fullValues, someValues } from "../../../shared/testing/notification.ts";
import { render } from "../../../shared/ui/letter.ts";
import { textOf as briefly, letterOf } from "./message.ts";
import { ticketMessage } from "./ticket-message.ts";

const origin = "https://support.example.com";
const ticketUrl = `${origin}/tickets/${someValues.ticketId}`;
const survey = { token: "the.survey.token", expiresAt: Date.UTC(2026, 11, 14, 10) };
const cases = Language.options.flatMap((language) => TicketTemplate.options.map((template) => [template, language] as const));

const messageOf = (
	template: TicketTemplate,
	language: Language,
	values: Partial<TicketValues> = {},
	survey?: { token: string; expiresAt: number },
) => ticketMessage({ template, language, values: { ...someValues, ...values }, origin, survey });
const mailOf = (...content: Parameters<typeof messageOf>) => render(letterOf(messageOf(...content)));
const textOf = (...content: Parameters<typeof messageOf>) => briefly(messageOf(...content));

describe.each(cases)("%s in %s", (template, language) => {
	it("fits into one text message of 160 characters of the GSM alphabet, whatever the length of the names", () => {
		const long = { device: "Television set in the living room", expert: "Maximiliane Mustermann-Example" };
		const inSeptember = { visitFrom: Date.UTC(2026, 8, 30, 8), visitTo: Date.UTC(2026, 8, 30, 12) };
		const nobody = { ...long, expert: null, author: null };
		for (const values of [
			fullValues,
			someValues,
			{ ...fullValues, ...long, author: long.expert, ...inSeptember },
			{ ...fullValues, ...nobody },
		]) {
			const text = textOf(template, language, values);
			// GSM 03.38, of which each of these is one septet
			expect(text).toMatch(/^[\w @£$¥èéùìòÇØøÅåÆæßÉ!"#%&'()*+,./:;<=>?¡ÄÖÑÜ§¿äöñüà-]{1,160}$/);
			expect(text.endsWith(` ${ticketUrl}`)).toBe(true);
		}
	});

	it("fits also when what is typed takes more room than letters do", () => {
		const inBrackets = "[{|}]".repeat(5);
		const brackets = { ...fullValues, device: inBrackets, expert: inBrackets, author: inBrackets };
		const doubled = textOf(template, language, brackets).replaceAll(/[[\]{}|]/g, "$&$&");
		expect(doubled.length).toBeLessThanOrEqual(160);

		// one that is not of the GSM alphabet: three, of 67 UTF-16 units each
		const families = "👨‍👩‍👧".repeat(12);
		const pictures = { ...fullValues, device: families, expert: families, author: families };
		const text = textOf(template, language, pictures);
		expect(text.length).toBeLessThanOrEqual(201);
		expect(text.endsWith(` ${ticketUrl}`)).toBe(true);
	});

	it("row 13: line breaks in what somebody has typed end no header", () => {
		const device = "TV\r\nBcc: everybody@x.example\u2028\u0000\u202e";
		const { subject } = mailOf(template, language, { device });

		expect(subject).toMatch(/: TV Bcc: everybody@x\.example$/);
		expect(textOf(template, language, { device })).not.toMatch(/[\p{Cc}\u2028]/u);
	});

	it("row 13: nor do they begin a paragraph of their own in the text", () => {
		const forged = "TV\r\n\r\nYour account is locked:\u202e";
		const { text } = mailOf(template, language, { device: forged, expert: forged, author: forged });

		expect(text).toContain("TV Your account is locked:");
		expect(text).not.toMatch(/^Your account|\u202e/m);
	});

	it("row 14: HTML in every free text is shown as text", () => {
		const evil = `<img src=x onerror="alert(1)">'&amp;`;
		const all = { device: evil, expert: evil, note: evil, author: evil, text: evil };
		const { html } = mailOf(template, language, all);

		expect(html).not.toContain("<img");
		const expected = [...html.matchAll(/&lt;img src=x onerror=&quot;alert\(1\)&quot;&gt;&#39;&amp;amp;/g)];
		// title and body at least; what is written, too
		expect(expected.length).toBeGreaterThanOrEqual(3);
	});

	it("row 23: emoji, right-to-left and combining characters arrive as they were typed", () => {
		const device = "👩🏽‍🔧 שלום Fé́";
		const { html, text, subject } = mailOf(template, language, { device, note: device, text: device });

		expect(subject).toContain(device);
		expect(text).toContain(device);
		expect(html).toContain(`<bdi>${device}</bdi>`);
		expect(html).toContain(`dir="auto">${device}</blockquote>`);
	});
});

it("a long device name is cut in the subject, between characters and not within them", () => {
	const [short, long] = ["👩🏽‍🔧".repeat(17), `${"x".repeat(55)}${"👨‍👩‍👧".repeat(8)}`];

	expect(mailOf("ticket_received", "en", { device: short }).subject).toBe(`We have your ticket: ${short}`);
	const { subject, text } = mailOf("ticket_received", "en", { device: long });
	expect(subject).toBe(`We have your ticket: ${"x".repeat(55)}${"👨‍👩‍👧".repeat(2)}...`);
	expect(text).toContain(long);
});

it.each([
	["en", "Visit: Monday, 30 November 2026, 08:00–12:00 UTC", "Confirmed: 30 Nov, 08:00-12:00 UTC."],
	["de", "Termin: Montag, 30. November 2026, 08:00–12:00 Uhr UTC", "Bestätigt: 30. Nov., 08:00-12:00 Uhr UTC."],
] as const)("when the expert comes is said in words of %s, in UTC", (language, mail, sms) => {
	expect(mailOf("ticket_accepted", language, fullValues).text.replaceAll(/[\u2009\u202f]/g, " ")).toContain(mail);
	expect(textOf("ticket_accepted", language, fullValues)).toContain(sms);
});

it.each([
	["en", "One of our experts will look after", "Our service team has replied"],
	["de", "Eine unserer Fachkräfte kommt", "Unser Serviceteam hat Ihnen"],
] as const)("who has no name is not cut in a text message of %s", (language, expert, author) => {
	expect(textOf("ticket_accepted", language)).toContain(expert);
	expect(textOf("ticket_replied", language)).toContain(author);
});

it("a text message leaves of a name what there is room for", () => {
	expect(textOf("ticket_received", "en", { device: "Television of my mother" })).toContain('"Television of my mother"');
	const long = { ...fullValues, device: "Television of my mother", expert: "Maximiliane Mustermann" };
	expect(textOf("ticket_accepted", "en", long)).toMatch(/^Maximi.*\.\.\. will look after "Televi.*\.\.\."/);
});

it("only an invitation leads to a survey, and says until when", () => {
	const invited = mailOf("ticket_resolved", "de", fullValues, survey);
	expect(invited.text).toContain(`${origin}/surveys/the.survey.token`);
	// on the 14th it ends at ten: the 13th is the last whole day
	expect(invited.text).toContain("bis zum 13. Dezember 2026");
	expect(mailOf("ticket_resolved", "de", fullValues).text).not.toContain("/surveys/");
});
