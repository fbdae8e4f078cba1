import * as v from "valibot";
import { CardDisplay, CardReason } from "../cards.ts";
import { surveyIdPattern } from "../ids.ts";
import { emailLimit, Language } from "./customer.ts";
import { id, instant, text, upTo } from "./fields.ts";

export const Channel = v.picklist(["email", "sms"]);
export type Channel = v.InferOutput<typeof Channel>;

/**
 * What customers are told about their tickets, by the status that a ticket has come to, or by a reply. `ticket_waits_again`: who
 * was to come does not, and the ticket is `received` or `reopened` once more.
 */
export const TicketTemplate = v.picklist([
	"ticket_received",
	"ticket_waits_again",
	"ticket_assigned",
	"ticket_accepted",
	"ticket_resolved",
	"ticket_cancelled",
	"ticket_reopened",
	"ticket_replied",
]);
export type TicketTemplate = v.InferOutput<typeof TicketTemplate>;

/** What such a message says; null is what this template does not say. */
const TicketValues = v.object({
	ticketId: id("tkt"),
	device: text(120),
	expert: v.nullable(text(120)),
	visitFrom: v.nullable(instant),
	visitTo: v.nullable(instant),
	/** What the expert says of the visit. */
	note: v.nullable(text(500)),
	/** Of the survey that is asked for, and until when it can be answered. */
	surveyId: v.nullable(v.pipe(v.string(), v.regex(surveyIdPattern))),
	surveyExpiresAt: v.nullable(instant),
	/** Of a reply. */
	author: v.nullable(text(120)),
	text: v.nullable(text(4000)),
});
export type TicketValues = v.InferOutput<typeof TicketValues>;

/** What customers are told about their cards. */
export const CardTemplate = v.picklist(["card_verified", "card_rejected"]);
export type CardTemplate = v.InferOutput<typeof CardTemplate>;

/** What such a message says. */
const CardValues = v.object({
	cardId: id("crd"),
	...CardDisplay.entries,
	/** Of a rejection; null is none. */
	reason: v.nullable(CardReason),
});
export type CardValues = v.InferOutput<typeof CardValues>;

/** An e-mail address, or a phone number as the customer typed it. */
export const Recipient = upTo(emailLimit);

const ofTicket = { template: TicketTemplate, values: TicketValues };
const ofCard = { template: CardTemplate, values: CardValues };

/** What a message says: a template, with the values of that one. */
export const NotificationContent = v.variant("template", [v.object(ofTicket), v.object(ofCard)]);

const request = {
	notificationId: id("ntf"),
	channel: Channel,
	recipient: Recipient,
	language: Language,
	expiresAt: instant,
};

/** Of before there were cards. */
export const NotificationRequested1 = v.object({ ...request, ...ofTicket });

/** A customer is to be told something, once, and not after `expiresAt`. */
export const NotificationRequested = v.variant("template", [NotificationRequested1, v.object({ ...request, ...ofCard })]);
export type NotificationRequested = v.InferOutput<typeof NotificationRequested>;
