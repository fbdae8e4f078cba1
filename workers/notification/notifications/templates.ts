import { type CardContent, cardMessage } from "./card-message.ts";
import { type InvoiceContent, invoiceMessage } from "./invoice-message.ts";
import type { Message } from "./message.ts";
import { type PaymentContent, paymentMessage } from "./payment-message.ts";
import { type TicketContent, ticketMessage } from "./ticket-message.ts";

/** What a message is made of: its template, and what that one knows. */
export type Content = TicketContent | CardContent | InvoiceContent | PaymentContent;

/** What a template has to tell. */
export function messageOf(content: Content): Message {
	switch (content.template) {
		case "ticket_received":
		case "ticket_waits_again":
		case "ticket_assigned":
		case "ticket_accepted":
		case "ticket_resolved":
		case "ticket_cancelled":
		case "ticket_reopened":
		case "ticket_replied":
			return ticketMessage(content);
		case "card_verified":
		case "card_rejected":
			return cardMessage(content);
		case "invoice_issued":
		case "credit_note_issued":
			return invoiceMessage(content);
		case "payment_failed":
		case "payment_recovered":
			return paymentMessage(content);
		default:
			return content satisfies never;
	}
}
