import { setTimeout as wait } from "node:timers/promises";
import { Random } from "../../shared/testing/random.ts";
import { demoCustomers } from "../dev/demo.ts";
import type { SpawnedStack } from "../dev/spawn.ts";

/** What a client was promised: an answer with 202 was read to its end. Texts are unique. */
export interface Promised {
	readonly tickets: { id: string; customerId: string; device: string; category: string; priority: string; text: string }[];
	readonly comments: { id: string; ticketId: string; customerId: string; text: string }[];
	readonly cancellations: { ticketId: string; customerId: string }[];
}

/** The stack of the moment: killed and started again while the clients go on. */
export interface Target {
	stack: SpawnedStack;
	tokens: Readonly<Record<string, string>>;
	/** Requests that wait for an answer. */
	inFlight: number;
	/** Requests that got none, or an error of the server. */
	failed: number;
}

/**
 * Posts tickets for one demo customer until `isOver`, now and then a comment or a cancellation. Every request has its
 * Idempotency-Key and is repeated with it until it is answered, as a client should.
 */
export async function client(
	target: Target,
	{ name, customer, seed, isOver }: { name: string; customer: string; seed: number; isOver: () => boolean },
): Promise<Promised> {
	const random = new Random(seed);
	const customerId = demoCustomers[customer]?.id ?? "";
	const promised: Promised = { tickets: [], comments: [], cancellations: [] };
	const post = (path: string, key: string, body: object) => insist(target, customer, path, key, body);
	for (let n = 1; !isOver(); n++) {
		const key = `${name}-${n}`;
		const ticket = promised.tickets[random.between(0, promised.tickets.length)];
		const choice = random.unit();
		if (!ticket || choice < 0.75) {
			const content = {
				device: `Device ${key}`,
				category: random.pick(["television", "audio", "network"]),
				priority: random.chance(0.3) ? "high" : "low",
				text: `Text of ${key} – ☎`,
			};
			const { id } = await post("/api/v1/tickets", key, content);
			promised.tickets.push({ id, customerId, ...content });
		} else if (choice < 0.92) {
			const text = `Comment ${key}`;
			const { id } = await post(`/api/v1/tickets/${ticket.id}/comments`, key, { text });
			promised.comments.push({ id, ticketId: ticket.id, customerId, text });
		} else {
			await post(`/api/v1/tickets/${ticket.id}/cancellation`, key, {});
			promised.cancellations.push({ ticketId: ticket.id, customerId });
		}
		await wait(random.between(20, 80));
	}
	return promised;
}

class Refused extends Error {}

/** Repeats until there is an answer. What no repetition mends is an error of the test or of the product, and ends it. */
async function insist(target: Target, customer: string, path: string, key: string, body: object): Promise<{ id: string }> {
	for (;;) {
		target.inFlight += 1;
		try {
			const response = await target.stack.request("customer", path, {
				method: "POST",
				headers: {
					"content-type": "application/json",
					"idempotency-key": key,
					authorization: `Bearer ${target.tokens[customer]}`,
				},
				body: JSON.stringify(body),
				signal: AbortSignal.timeout(10_000),
			});
			const answer = await response.text();
			if (response.status === 202) return JSON.parse(answer);
			if (response.status < 500) throw new Refused(`${path} ${key}: ${response.status} ${answer}`);
			target.failed += 1;
		} catch (error) {
			if (error instanceof Refused) throw error;
			target.failed += 1;
		} finally {
			target.inFlight -= 1;
		}
		await wait(100);
	}
}
