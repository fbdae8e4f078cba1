import type { CardReason } from "../../../shared/cards.ts";
import type { Language } from "../../../shared/events/customer.ts";
import type { CardTemplate } from "../../../shared/events/notifications.ts";

/** What one message about a card says. `{card}` stands for brand and last digits, `{taken}` for the brands that we take. */
interface TemplateWords {
	/** The card follows it. That is all that a text message would say, so it is of the GSM alphabet only. */
	readonly subject: string;
	/** What stands behind it is why, if there is a reason. */
	readonly before: readonly [string, ...string[]];
	readonly after: readonly string[];
	readonly button: string;
}

/** Why a card was rejected: docs/security/cards.md says what each means. */
interface ReasonWords {
	readonly what: string;
	readonly advice: string;
}

interface CardWords {
	readonly templates: Readonly<Record<CardTemplate, TemplateWords>>;
	readonly reasons: Readonly<Record<CardReason, ReasonWords>>;
	/** `{brand}` and `{last4}` of a card. */
	readonly card: string;
	readonly labels: { readonly card: string; readonly expiry: string };
	/** The address of the account follows it. */
	readonly notYou: string;
}

const english: CardWords = {
	card: "{brand} ending in {last4}",
	labels: { card: "Card", expiry: "Valid until" },
	notYou:
		"We tell you of every card, because it is how you pay. If it was not you who entered this one, remove it, and end the sessions that are not yours:",
	templates: {
		card_verified: {
			subject: "Your card is saved",
			before: ["We have checked your card, and it is saved."],
			after: ["There is nothing for you to do. You can replace or remove the card whenever you like."],
			button: "See your cards",
		},
		card_rejected: {
			subject: "We could not accept your card",
			before: ["We could not accept the card that you entered. Of its number we keep the last four digits only."],
			after: [],
			button: "Add a card",
		},
	},
	reasons: {
		luhn: {
			what: "There is no card with this number: a digit is wrong or missing, or two are swapped.",
			advice: "Please enter the card again, and compare the number with the one on the card.",
		},
		brand: {
			what: "We do not take cards of this kind.",
			advice: "Please enter another one. We take {taken}.",
		},
		expired: {
			what: "The card is no longer valid.",
			advice: "Please enter the one that your bank has sent you instead, or check the date if the card is still valid.",
		},
		mismatch: {
			what: "The details that came with the card and those that were encrypted are not the same.",
			advice:
				"Please enter the card again. If that does not help, try it in another browser, or without extensions: one of them may have changed what you typed.",
		},
		binding: {
			what: "The encrypted card was made for another entry than this one.",
			advice: "Please enter the card again, on a page that you have just opened.",
		},
		stale: {
			what: "The card reached us too late: what is encrypted is good for a short time only.",
			advice: "Please enter the card again.",
		},
		key_retired: {
			what: "The card was encrypted with a key that we no longer use.",
			advice: "Please enter the card again, on a page that you have just opened: it has the new key.",
		},
		schema: {
			what: "We could not read what was encrypted.",
			advice: "Please enter the card again. If that does not help, try it in another browser.",
		},
		declined: {
			what: "The bank that issued the card has declined it, and does not tell us why.",
			advice: "Please ask your bank, or enter another card.",
		},
	},
};

const german: CardWords = {
	card: "{brand} mit Endziffern {last4}",
	labels: { card: "Karte", expiry: "Gültig bis" },
	notYou:
		"Wir melden Ihnen jede Karte, weil Sie damit bezahlen. Falls nicht Sie diese eingegeben haben, entfernen Sie sie bitte und beenden Sie die Sitzungen, die nicht Ihre sind:",
	templates: {
		card_verified: {
			subject: "Ihre Karte ist gespeichert",
			before: ["Wir haben Ihre Karte geprüft, sie ist nun gespeichert."],
			after: ["Sie brauchen nichts weiter zu tun. Ersetzen oder entfernen können Sie die Karte jederzeit."],
			button: "Karten ansehen",
		},
		card_rejected: {
			subject: "Wir konnten Ihre Karte nicht annehmen",
			before: [
				"Die Karte, die Sie eingegeben haben, konnten wir nicht annehmen. Von ihrer Nummer behalten wir nur die letzten vier Ziffern.",
			],
			after: [],
			button: "Karte hinzufügen",
		},
	},
	reasons: {
		luhn: {
			what: "Eine Karte mit dieser Nummer gibt es nicht: Eine Ziffer ist falsch oder fehlt, oder zwei sind vertauscht.",
			advice: "Bitte geben Sie die Karte noch einmal ein und vergleichen Sie die Nummer mit der auf der Karte.",
		},
		brand: {
			what: "Karten dieser Art nehmen wir nicht an.",
			advice: "Bitte geben Sie eine andere ein. Wir nehmen {taken}.",
		},
		expired: {
			what: "Die Karte ist nicht mehr gültig.",
			advice:
				"Bitte geben Sie die Karte ein, die Sie von Ihrer Bank dafür bekommen haben. Falls die alte noch gültig ist, prüfen Sie bitte das Datum.",
		},
		mismatch: {
			what: "Die Angaben, die mit der Karte kamen, sind nicht die, die verschlüsselt wurden.",
			advice:
				"Bitte geben Sie die Karte noch einmal ein. Wenn das nicht hilft, versuchen Sie es in einem anderen Browser oder ohne Erweiterungen: Vielleicht hat eine davon Ihre Eingabe verändert.",
		},
		binding: {
			what: "Die verschlüsselte Karte war für eine andere Eingabe bestimmt als diese.",
			advice: "Bitte geben Sie die Karte noch einmal ein, auf einer frisch geöffneten Seite.",
		},
		stale: {
			what: "Die Karte hat uns zu spät erreicht: Was verschlüsselt ist, gilt nur kurze Zeit.",
			advice: "Bitte geben Sie die Karte noch einmal ein.",
		},
		key_retired: {
			what: "Die Karte wurde mit einem Schlüssel verschlüsselt, den wir nicht mehr verwenden.",
			advice: "Bitte geben Sie die Karte noch einmal ein, auf einer frisch geöffneten Seite: Sie hat den neuen Schlüssel.",
		},
		schema: {
			what: "Was verschlüsselt wurde, konnten wir nicht lesen.",
			advice: "Bitte geben Sie die Karte noch einmal ein. Wenn das nicht hilft, versuchen Sie es in einem anderen Browser.",
		},
		declined: {
			what: "Die Bank, von der die Karte ist, hat sie abgelehnt und sagt uns nicht, warum.",
			advice: "Bitte fragen Sie Ihre Bank oder geben Sie eine andere Karte ein.",
		},
	},
};

/** All that customers are told about their cards, in each language. */
export const cardWords: Readonly<Record<Language, CardWords>> = { en: english, de: german };
