import { brands } from "../../../shared/cards.ts";
import type { CardTemplate, CardValues } from "../../../shared/events/notifications.ts";
import { cardWords } from "./card-words.ts";
import { filled, type Message, paragraphOf, type Setting } from "./message.ts";

/** What a message about a card is made of. */
export interface CardContent extends Setting {
	readonly template: CardTemplate;
	readonly values: CardValues;
}

/** Where each of them leads in the portal. */
const pages: Readonly<Record<CardTemplate, string>> = { card_verified: "/cards", card_rejected: "/cards/new" };

/** What has become of a card. Of its number it says the last four digits. */
export function cardMessage({ language, template, values, origin }: CardContent): Message {
	const { brand, last4, expMonth, expYear, reason } = values;
	const own = cardWords[language];
	const { subject, before, after, button } = own.templates[template];
	const why = reason === null ? undefined : own.reasons[reason];
	const card = filled(own.card, { brand: brands[brand].name, last4 });
	const said = {
		card,
		taken: Object.values(brands)
			.map(({ name }) => name)
			.join(", "),
	};
	const link = `${origin}${pages[template]}`;
	const titled = `${subject}: ${card}`;
	return {
		language,
		subject: titled,
		preview: why?.what ?? before[0],
		blocks: [
			...[...before, ...(why ? [why.what] : [])].map((text) => paragraphOf(text, said)),
			{
				kind: "facts",
				facts: [
					[own.labels.card, card],
					[own.labels.expiry, `${String(expMonth).padStart(2, "0")}/${expYear}`],
				],
			},
			...[...(why ? [why.advice] : []), ...after].map((text) => paragraphOf(text, said)),
			{ kind: "button", label: button, href: link },
		],
		foot: { kind: "quiet", words: own.notYou, href: `${origin}/account` },
		brief: () => `${titled}.`,
		link,
	};
}
