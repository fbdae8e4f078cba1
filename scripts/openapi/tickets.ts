import * as v from "valibot";
import { PageQuery } from "../../shared/http/page.ts";
import {
	Comment,
	NewCancellation,
	NewComment,
	NewReopening,
	NewTicket,
	Ticket,
	TicketWithComments,
} from "../../workers/customer/tickets/schemas.ts";
import {
	comment,
	newComment,
	newReopening,
	newTicket,
	reply,
	resolvedTicket,
	submittedTicket,
	ticket,
	ticketSteps,
} from "./examples.ts";
import type { Operation } from "./operation.ts";

const TicketPage = v.object({ items: v.array(Ticket), next: v.nullable(v.string()) });

export const ticketSchemas = {
	Comment,
	NewCancellation,
	NewComment,
	NewReopening,
	NewTicket,
	Ticket,
	TicketPage,
	TicketWithComments,
};

const path = "/api/v1/tickets";
const ids = { id: "tkt" } as const;

export const ticketOperations: readonly Operation[] = [
	{
		id: "submitTicket",
		method: "post",
		path,
		summary: "Submit a ticket. The answer means that it is stored and cannot be lost.",
		idempotent: true,
		body: { schema: NewTicket, example: newTicket },
		answers: {
			202: {
				description: "The ticket.",
				schema: Ticket,
				example: submittedTicket,
				headers: { Location: "The path of the ticket." },
			},
		},
		problems: ["no_active_plan", "profile_incomplete"],
	},
	{
		id: "listTickets",
		method: "get",
		path,
		summary: "The customer's tickets, the newest first.",
		query: PageQuery,
		answers: { 200: { description: "A page of tickets.", schema: TicketPage, example: { items: [ticket], next: null } } },
	},
	{
		id: "getTicket",
		method: "get",
		path: `${path}/{id}`,
		summary: "A ticket with how it came to its status and its newest 100 comments.",
		ids,
		answers: {
			200: {
				description: "The ticket.",
				schema: TicketWithComments,
				example: { ...ticket, steps: ticketSteps, comments: [comment, reply] },
			},
		},
	},
	{
		id: "commentOnTicket",
		method: "post",
		path: `${path}/{id}/comments`,
		summary: "Add something to a ticket, until 14 days after it was closed.",
		ids,
		idempotent: true,
		body: { schema: NewComment, example: newComment },
		answers: { 202: { description: "The comment.", schema: Comment, example: comment } },
		problems: ["wrong_status"],
	},
	{
		id: "requestCancellation",
		method: "post",
		path: `${path}/{id}/cancellation`,
		summary: "Ask that nobody comes, before the work has begun. Asking again changes nothing.",
		ids,
		idempotent: true,
		body: { schema: NewCancellation, example: {} },
		answers: {
			202: {
				description: "The ticket, which keeps its status until the service team has decided.",
				schema: Ticket,
				example: { ...ticket, cancellationRequestedAt: ticket.changedAt },
			},
		},
		problems: ["wrong_status"],
	},
	{
		id: "requestReopening",
		method: "post",
		path: `${path}/{id}/reopening`,
		summary: "Say that the problem of a resolved ticket is back, within 14 days. What is wrong becomes a comment.",
		ids,
		idempotent: true,
		body: { schema: NewReopening, example: newReopening },
		answers: {
			202: {
				description: "The ticket, which keeps its status until the service team has decided.",
				schema: Ticket,
				example: { ...resolvedTicket, reopenRequestedAt: resolvedTicket.visit.to, reopenableUntil: null },
			},
		},
		problems: ["wrong_status"],
	},
];
