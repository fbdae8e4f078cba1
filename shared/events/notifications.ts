import * as v from "valibot";
import { CardDisplay, CardReason } from "../cards.ts";
import { surveyIdPattern } from "../ids.ts";
import { PaymentReason } from "./billing.ts";
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

/** What customers are told about what they pay. */
export const InvoiceTemplate = v.picklist(["invoice_issued", "credit_note_issued"]);
export type InvoiceTemplate = v.InferOutput<typeof InvoiceTemplate>;

const amountMinor = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const currency = v.pipe(v.string(), v.regex(/^[A-Z]{3}$/));

/** The essentials; the rest is behind the link. */
const InvoiceValues = v.object({
	invoiceId: id("inv"),
	number: text(24),
	issuedAt: instant,
	amountMinor,
	currency,
	periodFrom: instant,
	/** Exclusive. */
	periodTo: instant,
});
export type InvoiceValues = v.InferOutput<typeof InvoiceValues>;

export const PaymentTemplate = v.picklist(["payment_failed", "payment_recovered"]);
export type PaymentTemplate = v.InferOutput<typeof PaymentTemplate>;

const PaymentValues = v.object({
	periodFrom: instant,
	/** Exclusive. */
	periodTo: instant,
	amountMinor,
	currency,
	/** Of a failure; null is none. */
	reason: v.nullable(PaymentReason),
	/** When it is tried again; null is not by itself. */
	nextAttemptAt: v.nullable(instant),
});
export type PaymentValues = v.InferOutput<typeof PaymentValues>;

/** An e-mail address, or a phone number as the customer typed it. */
export const Recipient = upTo(emailLimit);

const ofTicket = { template: TicketTemplate, values: TicketValues };
const ofCard = { template: CardTemplate, values: CardValues };

const ofInvoice = { template: InvoiceTemplate, values: InvoiceValues };
const ofPayment = { template: PaymentTemplate, values: PaymentValues };

/** What a message says: a template, with the values of that one. */
export const NotificationContent = v.variant("template", [
	v.object(ofTicket),
	v.object(ofCard),
	v.object(ofInvoice),
	v.object(ofPayment),
]);

const request = {
	notificationId: id("ntf"),
	channel: Channel,
	recipient: Recipient,
	language: Language,
	expiresAt: instant,
};

/** Of before there were cards. */
export const NotificationRequested1 = v.object({ ...request, ...ofTicket });

/** Of before there were invoices. */
export const NotificationRequested2 = v.variant("template", [NotificationRequested1, v.object({ ...request, ...ofCard })]);

/** A customer is to be told something, once, and not after `expiresAt`. */
export const NotificationRequested = v.variant("template", [
	...NotificationRequested2.options,
	v.object({ ...request, ...ofInvoice }),
	v.object({ ...request, ...ofPayment }),
]);
export type NotificationRequested = v.InferOutput<typeof NotificationRequested>;
