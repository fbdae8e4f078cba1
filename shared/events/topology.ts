import type * as v from "valibot";
import { minutes } from "../time.ts";
import { CardRejected, CardVerified, Invoice, PaymentFailed, PaymentRecorded, PaymentRecovered } from "./billing.ts";
import {
	CardRemoved,
	CardSubmitted,
	CustomerChanged,
	PlanChanged,
	SurveySubmitted,
	TicketCancellationRequested,
	TicketCommented,
	TicketReopenRequested,
	TicketSubmitted,
	TicketSubmitted1,
} from "./customer.ts";
import { eventsReceived } from "./messaging.ts";
import { NotificationRequested, NotificationRequested1, NotificationRequested2 } from "./notifications.ts";
import { TicketClosed, TicketReplied, TicketStatusChanged } from "./sysops.ts";

/** The Workers that send or consume events. identity does neither. */
export type WorkerName = "customer" | "notification" | "sysops" | "billing" | "analytics";

/** A version of an event's data. Fields that it does not know are dropped; an older version is turned into today's. */
export type DataSchema = v.GenericSchema<unknown, object>;

export interface EventDefinition {
	readonly from: WorkerName;
	/** destination → queue. Every destination has its own outbox row and confirms for itself. */
	readonly to: Readonly<Partial<Record<WorkerName, string>>>;
	/** The version that is sent. */
	readonly version: number;
	/** What a consumer understands, by version. */
	readonly schemas: Readonly<Record<number, DataSchema>>;
	/** Its envelope names no customer. */
	readonly anonymous?: true;
	/** Until the relay sends an unconfirmed event for the first time: 2 to 15 minutes. */
	readonly firstDelay: number;
}

export interface Topology {
	readonly events: Readonly<Record<string, EventDefinition>>;
}

/** Every event that is built: who says it, who hears it, by which queue. Queue settings and permissions follow. */
export const topology = {
	events: {
		TicketSubmitted: {
			from: "customer",
			to: { sysops: "tickets" },
			version: 2,
			schemas: { 1: TicketSubmitted1, 2: TicketSubmitted },
			firstDelay: 2 * minutes,
		},
		TicketCommented: {
			from: "customer",
			to: { sysops: "tickets" },
			version: 1,
			schemas: { 1: TicketCommented },
			firstDelay: 2 * minutes,
		},
		TicketCancellationRequested: {
			from: "customer",
			to: { sysops: "tickets" },
			version: 1,
			schemas: { 1: TicketCancellationRequested },
			firstDelay: 2 * minutes,
		},
		TicketReopenRequested: {
			from: "customer",
			to: { sysops: "tickets" },
			version: 1,
			schemas: { 1: TicketReopenRequested },
			firstDelay: 2 * minutes,
		},
		TicketStatusChanged: {
			from: "sysops",
			to: { customer: "ticket-updates" },
			version: 1,
			schemas: { 1: TicketStatusChanged },
			firstDelay: 2 * minutes,
		},
		TicketReplied: {
			from: "sysops",
			to: { customer: "ticket-updates" },
			version: 1,
			schemas: { 1: TicketReplied },
			firstDelay: 2 * minutes,
		},
		TicketClosed: {
			from: "sysops",
			to: { analytics: "facts" },
			version: 1,
			schemas: { 1: TicketClosed },
			anonymous: true,
			firstDelay: 15 * minutes,
		},
		SurveySubmitted: {
			from: "customer",
			to: { analytics: "surveys" },
			version: 1,
			schemas: { 1: SurveySubmitted },
			firstDelay: 15 * minutes,
		},
		NotificationRequested: {
			from: "customer",
			to: { notification: "notifications" },
			version: 3,
			schemas: { 1: NotificationRequested1, 2: NotificationRequested2, 3: NotificationRequested },
			firstDelay: 5 * minutes,
		},
		PlanChanged: {
			from: "customer",
			to: { billing: "billing-info" },
			version: 1,
			schemas: { 1: PlanChanged },
			firstDelay: 5 * minutes,
		},
		CustomerChanged: {
			from: "customer",
			to: { billing: "billing-info" },
			version: 1,
			schemas: { 1: CustomerChanged },
			firstDelay: 5 * minutes,
		},
		CardSubmitted: {
			from: "customer",
			to: { billing: "billing-info" },
			version: 1,
			schemas: { 1: CardSubmitted },
			firstDelay: 2 * minutes,
		},
		CardRemoved: {
			from: "customer",
			to: { billing: "billing-info" },
			version: 1,
			schemas: { 1: CardRemoved },
			firstDelay: 2 * minutes,
		},
		CardVerified: {
			from: "billing",
			to: { customer: "billing-updates" },
			version: 1,
			schemas: { 1: CardVerified },
			firstDelay: 2 * minutes,
		},
		CardRejected: {
			from: "billing",
			to: { customer: "billing-updates" },
			version: 1,
			schemas: { 1: CardRejected },
			firstDelay: 2 * minutes,
		},
		PaymentFailed: {
			from: "billing",
			to: { customer: "billing-updates" },
			version: 1,
			schemas: { 1: PaymentFailed },
			firstDelay: 5 * minutes,
		},
		PaymentRecovered: {
			from: "billing",
			to: { customer: "billing-updates" },
			version: 1,
			schemas: { 1: PaymentRecovered },
			firstDelay: 5 * minutes,
		},
		InvoiceIssued: {
			from: "billing",
			to: { customer: "invoices" },
			version: 1,
			schemas: { 1: Invoice },
			firstDelay: 5 * minutes,
		},
		PaymentRecorded: {
			from: "billing",
			to: { analytics: "facts" },
			version: 1,
			schemas: { 1: PaymentRecorded },
			anonymous: true,
			firstDelay: 15 * minutes,
		},
	},
} as const satisfies Topology;

/** May `source` send an event of this type to `destination`? Receipts go back the way that events come. */
export function isPermitted({ events }: Topology, source: string, type: string, destination: WorkerName): boolean {
	if (type === eventsReceived) {
		return Object.values(events).some((event) => event.from === destination && source in event.to);
	}
	const event = Object.hasOwn(events, type) ? events[type] : undefined;
	return event !== undefined && event.from === source && destination in event.to;
}

export function destinations(event: EventDefinition): [WorkerName, string][] {
	return Object.entries(event.to) as [WorkerName, string][]; // the keys are WorkerName by the type
}

/** Everybody to whom `worker` sends events. */
export function destinationsOf({ events }: Topology, worker: WorkerName): WorkerName[] {
	const own = Object.values(events).filter(({ from }) => from === worker);
	return [...new Set(own.flatMap(destinations).map(([destination]) => destination))];
}
