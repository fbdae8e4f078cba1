import type { Language } from "../../../shared/events/customer.ts";
import type { PaymentTemplate, PaymentValues } from "../../../shared/events/notifications.ts";

/** What one message about a payment says. Amount and period stand between `before` and `after`. */
interface TemplateWords {
	/** That is all that a text message would say, so it is of the GSM alphabet only. */
	readonly subject: string;
	/** What stands behind it is why, if there is a reason. */
	readonly before: readonly [string, ...string[]];
	/** Behind it stands what happens next, if it has failed. */
	readonly after: readonly string[];
	readonly button: string;
}

interface PaymentWords {
	readonly templates: Readonly<Record<PaymentTemplate, TemplateWords>>;
	/** `payment_recovered` of a period that costs nothing any more: the plan was over before it, or a credit has taken all of it. */
	readonly nothingDue: TemplateWords;
	readonly reasons: Readonly<Record<NonNullable<PaymentValues["reason"]>, string>>;
	/** What happens next: `{next}` is the day of the next attempt. */
	readonly again: readonly string[];
	readonly noCard: readonly string[];
	readonly over: readonly string[];
	readonly labels: { readonly amount: string; readonly period: string; readonly next: string };
	/** The address of the plan follows it. */
	readonly plan: string;
}

const english: PaymentWords = {
	labels: { amount: "Amount", period: "Period", next: "Next attempt" },
	plan: "We write to you about such payments whatever your profile says, because it concerns your money. Your support plan:",
	reasons: {
		no_card: "You have no card with us that we could charge.",
		insufficient_funds: "Your bank says that there is not enough money for it on your card.",
		card_expired: "Your card is no longer valid.",
		card_declined: "The bank that issued your card has declined the charge, and does not tell us why.",
	},
	again: ["We will try again on {next}. If you want to pay with another card, please add it before that day."],
	noCard: ["Please add a card. Once it is checked, we charge it automatically, and you get your invoice."],
	over: [
		"We will not try again automatically. Please add a card that can be charged: once it is checked, we charge it, and you get your invoice.",
	],
	nothingDue: {
		subject: "There is nothing left to pay for this period",
		before: [
			"We could not charge this period of your support plan. Now nothing is due for it any more, and there is nothing for you to do.",
		],
		after: [],
		button: "See your invoices",
	},
	templates: {
		payment_failed: {
			subject: "Your support plan is not paid yet",
			before: ["We could not charge what your support plan costs."],
			after: [],
			button: "Add a card",
		},
		payment_recovered: {
			subject: "Your support plan is paid",
			before: ["What we could not charge at first is now paid. There is nothing more for you to do."],
			after: ["The invoice comes in an e-mail of its own."],
			button: "See your invoices",
		},
	},
};

const german: PaymentWords = {
	labels: { amount: "Betrag", period: "Zeitraum", next: "Nächster Versuch" },
	plan: "Zu solchen Zahlungen schreiben wir Ihnen immer, weil es um Ihr Geld geht. Ihr Supportplan:",
	reasons: {
		no_card: "Sie haben bei uns keine Karte, die wir belasten könnten.",
		insufficient_funds: "Ihre Bank meldet, dass auf Ihrer Karte nicht genug Geld dafür verfügbar ist.",
		card_expired: "Ihre Karte ist nicht mehr gültig.",
		card_declined: "Die Bank, von der Ihre Karte ist, hat die Zahlung abgelehnt und sagt uns nicht, warum.",
	},
	again: [
		"Wir versuchen es am {next} noch einmal. Falls Sie mit einer anderen Karte bezahlen möchten, fügen Sie sie bitte vor diesem Tag hinzu.",
	],
	noCard: [
		"Bitte fügen Sie eine Karte hinzu. Sobald sie geprüft ist, buchen wir den Betrag automatisch ab, und Sie erhalten Ihre Rechnung.",
	],
	over: [
		"Automatisch versuchen wir es nicht noch einmal. Bitte fügen Sie eine Karte hinzu, die belastet werden kann: Sobald sie geprüft ist, buchen wir den Betrag ab, und Sie erhalten Ihre Rechnung.",
	],
	nothingDue: {
		subject: "Für diesen Zeitraum ist nichts mehr zu bezahlen",
		before: [
			"Diesen Zeitraum Ihres Supportplans konnten wir nicht abbuchen. Nun ist dafür nichts mehr offen, und Sie brauchen nichts weiter zu tun.",
		],
		after: [],
		button: "Rechnungen ansehen",
	},
	templates: {
		payment_failed: {
			subject: "Ihr Supportplan ist noch nicht bezahlt",
			before: ["Wir konnten nicht abbuchen, was Ihr Supportplan kostet."],
			after: [],
			button: "Karte hinzufügen",
		},
		payment_recovered: {
			subject: "Ihr Supportplan ist bezahlt",
			before: ["Was wir zuerst nicht abbuchen konnten, ist nun bezahlt. Sie brauchen nichts weiter zu tun."],
			after: ["Die Rechnung kommt mit einer eigenen E-Mail."],
			button: "Rechnungen ansehen",
		},
	},
};

/** All that customers are told about their payments, in each language. */
export const paymentWords: Readonly<Record<Language, PaymentWords>> = { en: english, de: german };
