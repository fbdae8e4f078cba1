import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { destinations, type EventDefinition, topology } from "../../shared/events/topology.ts";
import { rowsOf } from "../../shared/testing/database.ts";
import { readMessage } from "../../shared/testing/forge.ts";
import { createQuanta, type Quanta } from "../../shared/testing/quanta.ts";
import { commentOnTicket } from "../../workers/customer/tickets/comment-on-ticket.ts";
import { requestCancellation } from "../../workers/customer/tickets/request-cancellation.ts";
import { submitTicket } from "../../workers/customer/tickets/submit-ticket.ts";
import { sysops } from "../../workers/sysops/quantum.ts";

/** Committed once, never edited: messages like these may lie in a queue or an outbox when a new release starts. */
const goldenEvents = import.meta.glob<string>("../../shared/events/golden/*.json", {
	query: "?raw",
	import: "default",
	eager: true,
});
const goldenMessages = import.meta.glob<string>("../../shared/events/golden/*.jws", {
	query: "?raw",
	import: "default",
	eager: true,
});

type EventType = keyof typeof topology.events;
const events: [string, EventDefinition][] = Object.entries(topology.events);
const versions = events.flatMap(([type, { schemas }]) => Object.keys(schemas).map((version) => `${type}.v${version}`));

const golden = (name: string): Record<string, unknown> =>
	JSON.parse(goldenEvents[`../../shared/events/golden/${name}.json`] ?? "{}");
const goldenMessage = (name: string) => (goldenMessages[`../../shared/events/golden/${name}.jws`] ?? "").trim();

const customerId = "cus_000aaaaaaaaaaaaaaaaaaaaaaaaa";
const session = { customerId, sessionId: "ses_000aaaaaaaaaaaaaaaaaaaaaaaaa" };

let quanta: Quanta;
beforeEach(async () => {
	quanta = createQuanta(topology);
	quanta.now = Date.UTC(2026, 10, 2, 12);
	await env.CUSTOMER_DB_00.batch([
		env.CUSTOMER_DB_00.prepare("insert into plans values (?, 0, null)").bind(customerId),
		env.CUSTOMER_DB_00.prepare(
			"insert into profiles values (?, 'Ada Lovelace', '12 St James''s Square', 'SW1Y 4JH', 'London', 'GB', 'london', '+44 20 7946 0000')",
		).bind(customerId),
	]);
});

const submit = () => {
	const content = {
		device: "Television 55",
		category: "television",
		priority: "normal",
		text: "No picture since this morning.",
	} as const;
	return submitTicket({ ctx: quanta.ctx("customer"), input: { session, idempotencyKey: "golden", ...content } });
};

/** How each event comes about today, by the producer's own verb. */
const emit: Record<EventType, () => Promise<unknown>> = {
	TicketSubmitted: submit,
	TicketCommented: async () => {
		const { id: ticketId } = await submit();
		const input = { session, ticketId, text: "It was the cable.", idempotencyKey: "golden" };
		return commentOnTicket({ ctx: quanta.ctx("customer"), input });
	},
	TicketCancellationRequested: async () => {
		const { id: ticketId } = await submit();
		return requestCancellation({ ctx: quanta.ctx("customer"), input: { session, ticketId } });
	},
};

/** The same keys, and values of the same types. */
function shapeOf(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(shapeOf);
	if (typeof value !== "object" || value === null) return typeof value;
	return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}

describe.each(events)("%s", (type, { version, to, from }) => {
	it("as its producer emits it today has the shape of the golden one", async () => {
		await emit[type as EventType](); // a key of the topology
		const text = "select event from outbox where type = ? and destination = ?";
		const [row] = await rowsOf<{ event: string }>(env.CUSTOMER_DB_00, text, type, Object.keys(to)[0]);
		const emitted = JSON.parse(row?.event ?? "{}");
		expect(shapeOf(emitted)).toEqual(shapeOf(golden(`${type}.v${version}`)));
		expect(emitted).toMatchObject({ type, source: from, subject: customerId, specversion: "1.0" });
	});
});

describe.each(versions)("the golden %s", (name) => {
	it("is what its signed message says, and both name the version in their schema", () => {
		const { event, header } = readMessage(goldenMessage(name));
		expect(event).toEqual(golden(name));
		expect(event["dataschema"]).toBe(`urn:sysops-squad:${name.replace(".v", ":")}`);
		expect(header).toMatchObject({ alg: "Ed25519", typ: "quantum+jws", kid: "test-customer", aud: "sysops" });
	});
});

/** What sysops has after it took all golden messages of the first versions. */
const stored = async () => ({
	tickets: await rowsOf(env.SYSOPS_DB, "select id, customer_id, status, text, customer->>'$.name' as name from tickets"),
	comments: await rowsOf(env.SYSOPS_DB, "select ticket_id, text from comments"),
});

describe("the golden messages", () => {
	it("have one consumer that is tested here: another one needs a test of its own", () => {
		expect(new Set(events.flatMap(([, event]) => destinations(event).map(([destination]) => destination)))).toEqual(
			new Set(["sysops"]),
		);
	});

	it("are still accepted and stored by sysops, each confirmed", async () => {
		const messages = versions.map(goldenMessage);
		expect(await quanta.deliver(sysops, "tickets", messages)).toMatchObject({ retried: [] });
		expect(await rowsOf(env.SYSOPS_DB, "select reason from quarantine")).toEqual([]);
		const verdicts = await rowsOf(env.SYSOPS_DB, "select id, verdict from inbox order by id");
		const ids = versions.map((name) => golden(name)["id"]).sort();
		expect(verdicts).toEqual(ids.map((id) => ({ id, verdict: "accepted" })));
		const ticket = { id: "tkt_001g2xbhk9yfv2dw49c1tg86vajh", customer_id: customerId, status: "cancelled" };
		expect(await stored()).toEqual({
			tickets: [{ ...ticket, text: "No picture since this morning.", name: "Ada Lovelace" }],
			comments: [{ ticket_id: ticket.id, text: "It was the cable." }],
		});
	});

	it.each(versions)("%s that comes twice is stored once", async (name) => {
		await quanta.deliver(sysops, "tickets", versions.map(goldenMessage));
		const before = await stored();
		await quanta.deliver(sysops, "tickets", [goldenMessage(name), goldenMessage(name)]);
		expect(await stored()).toEqual(before);
	});
});
