import type { Priority } from "../../../shared/events/customer.ts";
import type { Words } from "../forms.ts";
import type { Ticket } from "./ticket.ts";

/** What the words of the API are called on a page. */

export const priorityNames: Readonly<Record<Priority, readonly [name: string, meaning: string]>> = {
	high: ["High", "I cannot do without it"],
	normal: ["Normal", "It matters, but I can wait for a visit"],
	low: ["Low", "Whenever it suits"],
};

/** In short, and in a sentence. */
export const stateNames: Readonly<Record<Ticket["status"], readonly [kind: "busy" | "good", short: string, sentence: string]>> = {
	submitted: ["busy", "Submitted", "Your ticket is saved and on its way to our service team."],
	received: ["good", "Received", "Received by our service team. An expert will be assigned to you."],
	assigned: ["busy", "Assigned", "An expert has been chosen and will confirm the visit."],
	accepted: ["good", "Confirmed", "Your expert has confirmed the visit."],
	in_progress: ["busy", "In progress", "Your expert is at work."],
	resolved: ["good", "Resolved", "Your expert has finished the work."],
	cancelled: ["good", "Cancelled", "This ticket is cancelled. Nobody will come."],
	reopened: ["busy", "Reopened", "We are looking for an expert to come again."],
};

export const ticketWords: Words = {
	device: "Enter the device, in at most 120 characters",
	category: "Choose what kind of device it is",
	priority: "Choose how urgent it is",
	text: "Describe what is wrong",
	"text max_length": "Describe what is wrong in at most 4,000 characters",
};

export const commentWords: Words = {
	text: "Write your comment",
	"text max_length": "Write your comment in at most 4,000 characters",
};
