import type { Language } from "../../../shared/events/customer.ts";
import type { TicketTemplate } from "../../../shared/events/notifications.ts";

/**
 * What one message about a ticket says. `{device}`, `{expert}`, `{author}`, `{visit}` and `{until}` stand for what it is about.
 */
interface TemplateWords {
	/** The device follows it. */
	readonly subject: string;
	/** The first one is the preview. */
	readonly before: readonly [string, ...string[]];
	/** Behind the facts and what was written. */
	readonly after: readonly string[];
	/** Leads to the ticket. */
	readonly button: string;
	/** As a text message, which the visit if it is known and a link to the ticket follow: of the GSM alphabet only. */
	readonly sms: string;
	readonly smsVisit?: string;
}

export interface TicketWords {
	readonly templates: Readonly<Record<TicketTemplate, TemplateWords>>;
	readonly labels: { readonly expert: string; readonly visit: string };
	/** For whom the message does not name. */
	readonly someExpert: string;
	readonly someAuthor: string;
	/** In front of what the expert has noted. */
	readonly noted: string;
	readonly survey: { readonly invitation: string; readonly button: string };
	/** The address of the profile follows it. */
	readonly preferences: string;
}

const english: TicketWords = {
	labels: { expert: "Expert", visit: "Visit" },
	someExpert: "One of our experts",
	someAuthor: "Our service team",
	noted: "{expert} writes:",
	survey: {
		invitation: "How did it go? Please answer five short questions by {until}. You do not have to sign in.",
		button: "Answer five questions",
	},
	preferences: "You get these messages because your profile says so. There you can change how we reach you:",
	templates: {
		ticket_received: {
			subject: "We have your ticket",
			before: [
				"Your ticket about “{device}” has reached our service team.",
				"We are now looking for an expert who knows such devices and can come when it suits you. You will hear from us as soon as we have found one.",
			],
			after: [],
			button: "See your ticket",
			sms: 'We have your ticket about "{device}".',
		},
		ticket_waits_again: {
			subject: "Your visit is being planned anew",
			before: [
				"The visit for “{device}” that we had planned will not take place. We are sorry about that.",
				"We are looking for an expert who can come when it suits you, and will write to you as soon as we have found one.",
			],
			after: [],
			button: "See your ticket",
			sms: 'The visit for "{device}" is off, sorry. We will tell you the new time.',
		},
		ticket_assigned: {
			subject: "We have found an expert for you",
			before: ["{expert} is to look after “{device}”."],
			after: [
				"We will write to you again when the visit is confirmed. If the time does not suit you, add a comment to your ticket now.",
			],
			button: "See your ticket",
			sms: '{expert} will look after "{device}".',
			smsVisit: "Planned: {visit}.",
		},
		ticket_accepted: {
			subject: "Your visit is confirmed",
			before: ["{expert} has confirmed the visit for “{device}”."],
			after: ["If you cannot be at home at that time, please tell us in your ticket."],
			button: "See your ticket",
			sms: '{expert} will look after "{device}".',
			smsVisit: "Confirmed: {visit}.",
		},
		ticket_resolved: {
			subject: "Resolved",
			before: ["{expert} has resolved your ticket about “{device}”."],
			after: ["If the problem comes back within 14 days of the visit, you can reopen the ticket."],
			button: "See your ticket",
			sms: 'Resolved: "{device}". Problem back? You can reopen the ticket for 14 days.',
		},
		ticket_cancelled: {
			subject: "Your ticket is cancelled",
			before: ["Your ticket about “{device}” has been cancelled. Nobody will come, and there is nothing for you to do."],
			after: ["If you need help after all, please submit a new ticket."],
			button: "See your ticket",
			sms: 'Your ticket about "{device}" is cancelled.',
		},
		ticket_reopened: {
			subject: "Your ticket is open again",
			before: [
				"We are sorry that the problem with “{device}” is back. Your ticket is open again.",
				"We are looking for an expert who can come when it suits you, and will write to you as soon as we have found one.",
			],
			after: [],
			button: "See your ticket",
			sms: 'Your ticket about "{device}" is open again.',
		},
		ticket_replied: {
			subject: "A reply to your ticket",
			before: ["{author} has written to you about “{device}”:"],
			after: [],
			button: "Reply in your ticket",
			sms: '{author} has replied about "{device}".',
		},
	},
};

const german: TicketWords = {
	labels: { expert: "Fachkraft", visit: "Termin" },
	someExpert: "Eine unserer Fachkräfte",
	someAuthor: "Unser Serviceteam",
	noted: "{expert} schreibt dazu:",
	survey: {
		invitation: "Wie war es? Bitte beantworten Sie uns bis zum {until} fünf kurze Fragen. Anmelden müssen Sie sich dafür nicht.",
		button: "Fünf Fragen beantworten",
	},
	preferences:
		"Sie erhalten diese Nachrichten, weil es in Ihrem Profil so eingestellt ist. Dort können Sie ändern, wie wir Sie erreichen:",
	templates: {
		ticket_received: {
			subject: "Ihr Ticket ist angekommen",
			before: [
				"Ihr Ticket zu „{device}“ ist bei unserem Serviceteam angekommen.",
				"Wir suchen nun eine Fachkraft, die sich mit solchen Geräten auskennt und kommen kann, wenn es Ihnen passt. Sobald wir jemanden gefunden haben, melden wir uns.",
			],
			after: [],
			button: "Ticket ansehen",
			sms: 'Ihr Ticket zu "{device}" ist angekommen.',
		},
		ticket_waits_again: {
			subject: "Ihr Termin wird neu geplant",
			before: [
				"Der Termin für „{device}“, den wir geplant hatten, findet leider nicht statt.",
				"Wir suchen eine Fachkraft, die kommen kann, wenn es Ihnen passt, und melden uns, sobald wir jemanden gefunden haben.",
			],
			after: [],
			button: "Ticket ansehen",
			sms: 'Der Termin für "{device}" entfällt leider. Wir melden uns mit einem neuen.',
		},
		ticket_assigned: {
			subject: "Eine Fachkraft ist für Sie eingeplant",
			before: ["{expert} soll sich um „{device}“ kümmern."],
			after: [
				"Sobald der Termin bestätigt ist, schreiben wir Ihnen noch einmal. Falls er Ihnen nicht passt, schreiben Sie uns das am besten gleich in Ihrem Ticket.",
			],
			button: "Ticket ansehen",
			sms: '{expert} kommt wegen "{device}".',
			smsVisit: "Geplant: {visit}.",
		},
		ticket_accepted: {
			subject: "Ihr Termin ist bestätigt",
			before: ["{expert} hat den Termin für „{device}“ bestätigt."],
			after: ["Falls Sie zu dieser Zeit nicht zu Hause sein können, schreiben Sie uns das bitte in Ihrem Ticket."],
			button: "Ticket ansehen",
			sms: '{expert} kommt wegen "{device}".',
			smsVisit: "Bestätigt: {visit}.",
		},
		ticket_resolved: {
			subject: "Erledigt",
			before: ["{expert} hat Ihr Ticket zu „{device}“ erledigt."],
			after: ["Falls das Problem innerhalb von 14 Tagen nach dem Termin wiederkommt, können Sie das Ticket wieder öffnen."],
			button: "Ticket ansehen",
			sms: 'Erledigt: "{device}". Problem wieder da? 14 Tage lang können Sie es melden.',
		},
		ticket_cancelled: {
			subject: "Ihr Ticket ist storniert",
			before: ["Ihr Ticket zu „{device}“ wurde storniert. Es kommt niemand, und Sie brauchen nichts weiter zu tun."],
			after: ["Falls Sie doch noch Hilfe brauchen, geben Sie bitte ein neues Ticket auf."],
			button: "Ticket ansehen",
			sms: 'Ihr Ticket zu "{device}" ist storniert.',
		},
		ticket_reopened: {
			subject: "Ihr Ticket ist wieder offen",
			before: [
				"Es tut uns leid, dass das Problem mit „{device}“ wieder da ist. Ihr Ticket ist wieder offen.",
				"Wir suchen eine Fachkraft, die kommen kann, wenn es Ihnen passt, und melden uns, sobald wir jemanden gefunden haben.",
			],
			after: [],
			button: "Ticket ansehen",
			sms: 'Ihr Ticket zu "{device}" ist wieder offen.',
		},
		ticket_replied: {
			subject: "Eine Antwort zu Ihrem Ticket",
			before: ["{author} hat Ihnen zu „{device}“ geschrieben:"],
			after: [],
			button: "Im Ticket antworten",
			sms: '{author} hat Ihnen zu "{device}" geantwortet.',
		},
	},
};

/** All that customers are told about their tickets, in each language. */
export const ticketWords: Readonly<Record<Language, TicketWords>> = { en: english, de: german };
