import type { PartOfDay, Priority } from "../../../shared/events/customer.ts";
import type { Words } from "../forms.ts";
import type { Ticket } from "./ticket.ts";

/** What the words of the API are called on a page. */

export const priorityNames: Readonly<Record<Priority, readonly [name: string, meaning: string]>> = {
	high: ["High", "I cannot do without it"],
	normal: ["Normal", "It matters, but I can wait for a visit"],
	low: ["Low", "Whenever it suits"],
};

export const partNames: Readonly<Record<PartOfDay, readonly [name: string, hours: string]>> = {
	morning: ["Mornings", "8:00 to 12:00 UTC"],
	afternoon: ["Afternoons", "12:00 to 16:00 UTC"],
	evening: ["Evenings", "16:00 to 20:00 UTC"],
};

/** In short, and in a sentence. */
export const stateNames: Readonly<
	Record<Ticket["status"], readonly [kind: "plain" | "busy" | "good", short: string, sentence: string]>
> = {
	submitted: ["busy", "Submitted", "Your ticket is saved and on its way to our service team."],
	received: ["good", "Received", "Received by our service team. An expert will be assigned to you."],
	assigned: ["busy", "Assigned", "An expert has been chosen and will confirm the visit."],
	accepted: ["good", "Confirmed", "Your expert has confirmed the visit."],
	in_progress: ["busy", "In progress", "Your expert is at work."],
	resolved: ["good", "Resolved", "Your expert has finished the work."],
	cancelled: ["plain", "Cancelled", "This ticket is cancelled. Nobody will come."],
	reopened: ["busy", "Reopened", "We are looking for an expert to come again."],
};

/** As a step on the way. */
export const stepNames: Readonly<Record<Ticket["status"], string>> = {
	submitted: "Submitted",
	received: "Received by our service team",
	assigned: "Expert chosen",
	accepted: "Visit confirmed",
	in_progress: "Expert at work",
	resolved: "Resolved",
	cancelled: "Cancelled",
	reopened: "Reopened",
};
export const waitsAgain = "Looking for another expert";
/** In a sentence: a visit had been planned before. */
export const waitsAgainSentence = "The visit that we had planned will not take place. We are looking for another expert.";

export const ticketWords: Words = {
	device: "Enter the device, in at most 120 characters",
	category: "Choose what kind of device it is",
	priority: "Choose how urgent it is",
	text: "Describe what is wrong",
	"text max_length": "Describe what is wrong in at most 4,000 characters",
	availability: "Choose at least one part of the day at which you can be at home",
};

export const reopeningWords: Words = {
	text: "Describe what is wrong again",
	"text max_length": "Describe what is wrong again in at most 4,000 characters",
};

export const commentWords: Words = {
	text: "Write your comment",
	"text max_length": "Write your comment in at most 4,000 characters",
};
