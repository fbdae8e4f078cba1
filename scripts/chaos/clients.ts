import { setTimeout as wait } from "node:timers/promises";
import { Random } from "../../shared/testing/random.ts";
import { demoCustomers } from "../dev/demo.ts";
import { insist, type Target } from "./insist.ts";

/** What a client was promised: an answer with 202 was read to its end. Texts are unique. */
export interface Promised {
	readonly tickets: { id: string; customerId: string; device: string; category: string; priority: string; text: string }[];
	readonly comments: { id: string; ticketId: string; customerId: string; text: string }[];
	readonly cancellations: { ticketId: string; customerId: string }[];
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
	const post = async (path: string, key: string, body: object, until = [202]) => {
		const headers = { "idempotency-key": key, authorization: `Bearer ${target.tokens[customer]}` };
		return insist<{ id: string }>(target, { worker: "customer", path, headers, body, until });
	};
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
			const { body } = await post("/api/v1/tickets", key, content);
			promised.tickets.push({ id: body.id, customerId, ...content });
		} else if (choice < 0.92) {
			const text = `Comment ${key}`;
			const { body } = await post(`/api/v1/tickets/${ticket.id}/comments`, key, { text });
			promised.comments.push({ id: body.id, ticketId: ticket.id, customerId, text });
		} else {
			// 409: somebody is at work already
			const { status } = await post(`/api/v1/tickets/${ticket.id}/cancellation`, key, {}, [202, 409]);
			if (status === 202) promised.cancellations.push({ ticketId: ticket.id, customerId });
		}
		await wait(random.between(20, 80));
	}
	return promised;
}
