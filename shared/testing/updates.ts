import { createExecutionContext, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { TicketReplied, TicketStatusChanged } from "../events/sysops.ts";
import { shardOf } from "../ids.ts";
import { newEvent } from "../messaging/envelope.ts";
import { newId, someTicket } from "./fixtures.ts";
import { sentTo, signAs } from "./forge.ts";
import { batchOf, neighbour } from "./messages.ts";

/** What sysops says of tickets, on its way to the customer Worker. */

export const someExpert = { id: "exp_000aaaaaaaaaaaaaaaaaaaaaaaaa", name: "Mary Example" };
export const someVisit = { from: Date.UTC(2026, 10, 24, 10), to: Date.UTC(2026, 10, 24, 12) };

type Change = Partial<Omit<TicketStatusChanged, "ticketId">> & { version?: number };

/** Without a version or a time: of now. */
export function statusChanged(subject: string, ticketId: string, change: Change = {}): Promise<string> {
	const { version = Date.now(), changedAt = version, status = "assigned", ...said } = change;
	const data: TicketStatusChanged = {
		ticketId,
		status,
		changedAt,
		resolutions: status === "resolved" ? 1 : 0,
		expert: someExpert,
		visit: someVisit,
		note: null,
		steps: [
			{ status: "received", at: changedAt - 1000 },
			{ status, at: changedAt },
		],
		ticket: { submittedAt: changedAt - 2000, ...someTicket, region: "london" },
		...said,
	};
	return fromSysops("TicketStatusChanged", subject, data, version);
}

export function replied(subject: string, ticketId: string, reply: Partial<TicketReplied> = {}): Promise<string> {
	const commentId = newId("cmt", shardOf(subject));
	const data: TicketReplied = {
		ticketId,
		commentId,
		repliedAt: Date.now(),
		author: someExpert.name,
		text: "I bring a new power supply.",
		...reply,
	};
	return fromSysops("TicketReplied", subject, data);
}

function fromSysops(type: string, subject: string, data: object, version?: number): Promise<string> {
	const source = neighbour("sysops");
	const event = newEvent(source, "00", { type, subject, data, ...(version === undefined ? {} : { version }) });
	return signAs("sysops", event, sentTo("customer", source.now()));
}

interface Worker {
	queue(batch: MessageBatch, env: Cloudflare.Env, execution: ExecutionContext): Promise<void>;
}

/** Hands them to the customer Worker in one batch of its queue. */
export async function bring(worker: Worker, ...messages: (string | Promise<string>)[]) {
	const batch = batchOf("ticket-updates", await Promise.all(messages));
	const execution = createExecutionContext();
	await worker.queue(batch, env, execution);
	return getQueueResult(batch, execution);
}
