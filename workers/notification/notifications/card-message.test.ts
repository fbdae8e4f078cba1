import { describe, expect, it } from "vitest";
import { Brand, CardReason } from "../../../shared/cards.ts";
import { Language } from "../../../shared/events/customer.ts";
import { CardTemplate, type CardValues } from "../../../shared/events/notifications.ts";
import { someCardValues } from "../../../shared/testing/notification.ts";
import { render } from "../../../shared/ui/letter.ts";
import { cardMessage } from "./card-message.ts";
import { textOf as briefly, letterOf } from "./message.ts";

/** As long as a portal's address may be for text messages: docs/notifications.md. */
const origin = `https://${"support".padEnd(24, "-")}.example`;

const messageOf = (template: CardTemplate, language: Language, values: Partial<CardValues> = {}) =>
	cardMessage({ template, language, values: { ...someCardValues, ...values }, origin, survey: undefined });
const mailOf = (...content: Parameters<typeof messageOf>) => render(letterOf(messageOf(...content)));
const textOf = (...content: Parameters<typeof messageOf>) => briefly(messageOf(...content));

it.each([
	["en", "Your card is saved: Visa ending in 4242", "Card: Visa ending in 4242\nValid until: 09/2030"],
	["de", "Ihre Karte ist gespeichert: Visa mit Endziffern 4242", "Karte: Visa mit Endziffern 4242\nGültig bis: 09/2030"],
] as const)("a card is named by brand, last digits and its end in %s, and by nothing else", (language, subject, facts) => {
	const mail = mailOf("card_verified", language);

	expect(mail.subject).toBe(subject);
	expect(mail.text).toContain(facts);
	// neither its id nor more digits than those
	expect(mail.text + mail.html.replaceAll(/style="[^"]*"|<style>.*?<\/style>/gs, "")).not.toMatch(/crd_|\d{5}/);
});

describe.each(Language.options)("in %s", (language) => {
	it("each reason has words of its own that say what happened and what to do, and none is missing", () => {
		const plain = mailOf("card_rejected", language).text.split("\n\n");
		const told = CardReason.options.map((reason) => {
			const mail = mailOf("card_rejected", language, { reason }).text.split("\n\n");
			return mail.filter((paragraph) => !plain.includes(paragraph));
		});

		expect(told.map((paragraphs) => paragraphs.length)).toEqual(CardReason.options.map(() => 2));
		expect(new Set(told.map(([what]) => what)).size).toBe(CardReason.options.length);
	});

	it("the brands that are taken are named to whoever has another", () => {
		const { text } = mailOf("card_rejected", language, { reason: "brand" });

		expect(text).toContain("Visa, Mastercard, American Express, Discover, Diners Club, JCB");
	});

	it("the longest of brand and address are one text message", () => {
		expect(origin).toHaveLength(40);
		for (const brand of Brand.options) {
			for (const template of CardTemplate.options) expect(textOf(template, language, { brand }).length).toBeLessThanOrEqual(160);
		}
	});
});
