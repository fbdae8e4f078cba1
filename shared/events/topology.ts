import type * as v from "valibot";
import { minutes } from "../time.ts";
import { CardRejected, CardVerified } from "./billing.ts";
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
import { NotificationRequested, NotificationRequested1 } from "./notifications.ts";
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

export interface QueueSettings {
	readonly consumer: WorkerName;
	readonly maxBatchSize: number;
	/** Seconds. */
	readonly maxBatchTimeout: number;
	readonly maxRetries: number;
	/** Seconds until a message that was not stored is delivered again. */
	readonly retryDelay: number;
	readonly maxConcurrency: number;
	/** A dead-letter queue has none. */
	readonly deadLetterQueue: string | null;
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
			version: 2,
			schemas: { 1: NotificationRequested1, 2: NotificationRequested },
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
	},
} as const satisfies Topology;

/** The receipts of everything that `producer` sent. */
export const receiptQueue = (producer: WorkerName) => `receipts-${producer}`;

export const deadLetterQueue = (consumer: WorkerName) => `dead-letters-${consumer}`;

/** The name of the binding through which a queue is sent to. */
export const queueBinding = (queue: string) => queue.toUpperCase().replaceAll("-", "_");

/** Every queue that the events need: theirs, one of receipts a producer, one of dead letters a consumer. */
export function queuesOf({ events }: Topology): Record<string, QueueSettings> {
	const queues: Record<string, QueueSettings> = {};
	const add = (queue: string, consumer: WorkerName) => {
		const other = queues[queue]?.consumer ?? consumer;
		if (other !== consumer) throw new Error(`queue ${queue} has two consumers: ${other} and ${consumer}`);
		const deadLetters = deadLetterQueue(consumer);
		// 100 is the most that Cloudflare hands over at once; ten retries a minute apart, since only a failing database retries.
		const settings = { consumer, maxBatchSize: 100, maxBatchTimeout: 1, maxRetries: 10, retryDelay: 60, maxConcurrency: 10 };
		queues[queue] = { ...settings, deadLetterQueue: deadLetters };
		queues[deadLetters] = { ...settings, maxBatchTimeout: 5, maxConcurrency: 1, deadLetterQueue: null };
	};
	for (const event of Object.values(events)) {
		for (const [destination, queue] of destinations(event)) add(queue, destination);
		add(receiptQueue(event.from), event.from);
	}
	return queues;
}

/** The queues that `worker` sends to: its events' and, for what it consumes, the producers' receipts. */
export function queuesSentBy({ events }: Topology, worker: WorkerName): string[] {
	const queues = Object.values(events).flatMap((event) => [
		...(event.from === worker ? destinations(event).map(([, queue]) => queue) : []),
		...(event.to[worker] ? [receiptQueue(event.from)] : []),
	]);
	return [...new Set(queues)].sort();
}

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
