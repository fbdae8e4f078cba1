import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { configs } from "../scripts/workers.ts";
import { queueBinding, queuesOf, queuesSentBy, receiptQueue } from "../shared/events/queues.ts";
import { destinations, type EventDefinition, isPermitted, topology, type WorkerName } from "../shared/events/topology.ts";
import type { Consumer } from "../shared/quantum.ts";
import { analytics } from "../workers/analytics/quantum.ts";
import { billing } from "../workers/billing/quantum.ts";
import { customer } from "../workers/customer/quantum.ts";
import { notification } from "../workers/notification/quantum.ts";
import { sysops } from "../workers/sysops/quantum.ts";

const quanta: Readonly<
	Record<WorkerName, Pick<Consumer<never>, "worker" | "consumes" | "onReceipt"> & { readonly crons: object }>
> = {
	customer,
	notification,
	sysops,
	billing,
	analytics,
};
const workers = Object.values(quanta).map(({ worker }) => worker);
const events: [string, EventDefinition][] = Object.entries(topology.events);

const ConsumerConfig = v.object({
	queue: v.string(),
	max_retries: v.number(),
	retry_delay: v.number(),
	max_batch_size: v.number(),
	max_batch_timeout: v.number(),
	max_concurrency: v.number(),
	dead_letter_queue: v.optional(v.string()),
});
const Config = v.object({
	name: v.string(),
	triggers: v.object({ crons: v.array(v.string()) }),
	queues: v.object({
		producers: v.array(v.object({ queue: v.string(), binding: v.string() })),
		consumers: v.array(ConsumerConfig),
	}),
});
const config = (worker: WorkerName) => v.parse(Config, parse(readFileSync(configs[worker], "utf8")));
const consumersOf = (queue: string) =>
	workers.flatMap((worker) =>
		config(worker)
			.queues.consumers.filter((consumer) => consumer.queue === queue)
			.map((consumer) => ({ worker, ...consumer })),
	);

describe.each(events)("%s", (type, event) => {
	it("has a schema for every version up to the one that is sent", () => {
		expect(event.version).toBeGreaterThanOrEqual(1);
		for (let version = 1; version <= event.version; version++) expect(event.schemas[version]).toBeDefined();
	});

	it("may be sent by its producer to its destinations, and by and to nobody else", () => {
		expect(destinations(event).length).toBeGreaterThan(0);
		for (const source of workers) {
			for (const destination of workers) {
				const allowed = source === event.from && destination in event.to;
				expect([source, destination, isPermitted(topology, source, type, destination)]).toEqual([source, destination, allowed]);
			}
		}
		expect(isPermitted(topology, "somebody", type, "sysops")).toBe(false);
	});

	it("waits 2 to 15 minutes before it is sent again", () => {
		expect(event.firstDelay).toBeGreaterThanOrEqual(2 * 60_000);
		expect(event.firstDelay).toBeLessThanOrEqual(15 * 60_000);
	});

	it.each(destinations(event))(
		"goes to %s by the queue %s, which its producer is bound to and nobody else consumes",
		(destination, queue) => {
			expect(config(event.from).queues.producers).toContainEqual({ queue, binding: queueBinding(queue) });
			expect(consumersOf(queue).map(({ worker }) => worker)).toEqual([destination]);
		},
	);

	it.each(destinations(event))("has exactly one handler at %s", (destination) => {
		expect(quanta[destination].consumes.filter((consumption) => consumption.type === type)).toHaveLength(1);
	});

	it.each(destinations(event))("is confirmed by %s to its producer", (destination) => {
		const receipts = receiptQueue(event.from);
		expect(config(destination).queues.producers).toContainEqual({ queue: receipts, binding: queueBinding(receipts) });
		expect(consumersOf(receipts).map(({ worker }) => worker)).toEqual([event.from]);
		expect(isPermitted(topology, destination, "EventsReceived", event.from)).toBe(true);
	});
});

describe.each(workers)("the configuration of %s", (worker) => {
	const { name, queues, triggers } = config(worker);

	it("is that Worker's", () => expect(name).toBe(worker));

	it("sends to the queues that the topology gives it, and to no other", () => {
		expect(queues.producers.map(({ queue }) => queue).sort()).toEqual(queuesSentBy(topology, worker));
	});

	it("consumes the queues that the topology gives it with their settings, and no other", () => {
		const expected = Object.entries(queuesOf(topology))
			.filter(([, { consumer }]) => consumer === worker)
			.map(([queue, settings]) => ({
				queue,
				max_retries: settings.maxRetries,
				retry_delay: settings.retryDelay,
				max_batch_size: settings.maxBatchSize,
				max_batch_timeout: settings.maxBatchTimeout,
				max_concurrency: settings.maxConcurrency,
				...(settings.deadLetterQueue === null ? {} : { dead_letter_queue: settings.deadLetterQueue }),
			}));
		const byQueue = (a: { queue: string }, b: { queue: string }) => a.queue.localeCompare(b.queue);
		expect(queues.consumers.toSorted(byQueue)).toEqual(expected.toSorted(byQueue));
	});

	it("gives every consumed queue a dead-letter queue that this Worker consumes too", () => {
		const consumed = queues.consumers.map(({ queue }) => queue);
		for (const { queue, dead_letter_queue } of queues.consumers) {
			if (queue === `dead-letters-${worker}`) expect(dead_letter_queue).toBeUndefined();
			else expect(consumed).toContain(dead_letter_queue);
		}
	});

	it("has exactly the Cron Triggers that the Worker has jobs for", () => {
		expect(triggers.crons.toSorted()).toEqual(Object.keys(quanta[worker].crons).toSorted());
	});

	it("handles only events that come here, and receipts of events that go out from here", () => {
		for (const { type } of quanta[worker].consumes) {
			expect(events.find(([known]) => known === type)?.[1].to).toHaveProperty(worker);
		}
		for (const { type, destination } of quanta[worker].onReceipt) {
			expect(isPermitted(topology, worker, type, destination)).toBe(true);
		}
	});
});

it("one queue with two consumers is refused", () => {
	const other: EventDefinition = { from: "sysops", to: { customer: "tickets" }, version: 1, schemas: {}, firstDelay: 1 };
	expect(() => queuesOf({ events: { ...topology.events, Other: other } })).toThrow("queue tickets has two consumers");
});
