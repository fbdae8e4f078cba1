import { beforeEach, describe, expect, it } from "vitest";
import { PartOfDay } from "../../shared/events/customer.ts";
import { destinations, type EventDefinition, topology, type WorkerName } from "../../shared/events/topology.ts";
import type { Consumer } from "../../shared/quantum.ts";
import { contentsOf } from "../../shared/testing/contents.ts";
import { givenPlan, givenProfile, type OutboxRow } from "../../shared/testing/customers.ts";
import { rowsOf } from "../../shared/testing/database.ts";
import { givenExpert, givenTicketAt } from "../../shared/testing/desk.ts";
import { customerId } from "../../shared/testing/fixtures.ts";
import { readMessage, sentTo, signAs } from "../../shared/testing/forge.ts";
import { createQuanta, type Quanta } from "../../shared/testing/quanta.ts";
import { givenVersion } from "../../shared/testing/replica.ts";
import { givenSurvey, someAnswers, surveyTokens } from "../../shared/testing/surveys.ts";
import { analytics } from "../../workers/analytics/quantum.ts";
import { billing } from "../../workers/billing/quantum.ts";
import { signPlan } from "../../workers/customer/plans/sign-plan.ts";
import { changeEmail } from "../../workers/customer/profile/change-email.ts";
import { customer } from "../../workers/customer/quantum.ts";
import { submitSurvey } from "../../workers/customer/surveys/submit-survey.ts";
import { commentOnTicket } from "../../workers/customer/tickets/comment-on-ticket.ts";
import { requestCancellation } from "../../workers/customer/tickets/request-cancellation.ts";
import { requestReopening } from "../../workers/customer/tickets/request-reopening.ts";
import { submitTicket } from "../../workers/customer/tickets/submit-ticket.ts";
import { notification } from "../../workers/notification/quantum.ts";
import { sysops } from "../../workers/sysops/quantum.ts";
import { acceptTicket } from "../../workers/sysops/tickets/accept-ticket.ts";
import { replyToTicket } from "../../workers/sysops/tickets/reply-to-ticket.ts";
import { resolveTicket } from "../../workers/sysops/tickets/resolve-ticket.ts";
import { billingPorts } from "./cards-at-billing.ts";

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
const versions = events.flatMap(([type, definition]) =>
	Object.keys(definition.schemas).map((version) => ({ name: `${type}.v${version}`, type, definition })),
);

/** Every Worker that takes part; a new destination is one more line. */
const consumers: Readonly<Record<WorkerName, Pick<Consumer<never>, "worker" | "consumes" | "onReceipt">>> = {
	customer,
	notification,
	sysops,
	billing,
	analytics,
};

function committed(files: Record<string, string>, name: string, ending: "json" | "jws"): string {
	const text = files[`../../shared/events/golden/${name}.${ending}`];
	const [type] = name.split(".");
	if (text === undefined) throw new Error(`golden ${name}.${ending} is missing: npm run golden -- ${type}`);
	return text.trim();
}
const golden = (name: string): Record<string, unknown> => JSON.parse(committed(goldenEvents, name, "json"));
const goldenMessage = (name: string) => committed(goldenMessages, name, "jws");

const ada = customerId("00");
/** On offer in every shard of customer, and known to every shard of billing. */
const contract = { contractId: "ctr_000aaaaaaaaaaaaaaaaaaaaaaaaa", version: Date.UTC(2026, 10, 1, 12) };
const session = { customerId: ada, sessionId: "ses_000aaaaaaaaaaaaaaaaaaaaaaaaa" };

let quanta: Quanta;
beforeEach(async () => {
	quanta = createQuanta(topology);
	await givenPlan(ada);
	const address = { street: "12 St James's Square", postalCode: "SW1Y 4JH", city: "London", country: "GB", region: "london" };
	await givenProfile(ada, { name: "Ada Lovelace", ...address, phone: "+44 20 7946 0000" });
	for (const database of [...databasesOf("customer"), ...databasesOf("billing")]) await givenVersion(database, contract);
});

function databasesOf(worker: WorkerName) {
	const { databases } = quanta.ctx(worker);
	return databases.shards.map((shard) => databases.get(shard));
}

/** What a query gives, over all databases of one Worker. */
const everywhere = async (worker: WorkerName, text: string) =>
	(await Promise.all(databasesOf(worker).map((database) => rowsOf(database, text)))).flat();

const submit = () => {
	const content = {
		device: "Television 55",
		category: "television",
		priority: "normal",
		text: "No picture since this morning.",
		availability: PartOfDay.options.slice(0, 1),
	} as const;
	return submitTicket({ ctx: quanta.ctx("customer"), input: { session, idempotencyKey: "golden", ...content } });
};

/** Who is to do something about a ticket of Ada's, and the ports with which it is done. */
async function atTheDesk(status: string) {
	const expert = await givenExpert();
	const ticketId = await givenTicketAt(status, expert, { customer_id: ada });
	return { ctx: quanta.ctx("sysops"), input: { actor: { email: expert.email, role: "expert" as const }, ticketId } };
}

/** Ada's golden card comes to billing, with something else beside it than what is sealed. */
async function submitCard(data: object) {
	const event = golden("CardSubmitted.v1");
	const submitted = { ...event, data: { ...Object(event["data"]), ...data } };
	const message = await signAs("customer", submitted, sentTo("billing", quanta.now));
	return quanta.deliver(billing, "billing-info", [message], billingPorts());
}

/** How each event comes about today, by the producer's own verb. */
const emit: Partial<Record<EventType, () => Promise<unknown>>> = {
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
	SurveySubmitted: async () => {
		const { token } = await givenSurvey({ customerId: ada, now: quanta.now });
		const ctx = { ...quanta.ctx("customer"), surveyTokens };
		return submitSurvey({ ctx, input: { token, answers: someAnswers, idempotencyKey: "golden" } });
	},
	TicketReopenRequested: async () => {
		const { id: ticketId } = await submit();
		const resolved = "update tickets set status = 'resolved', resolutions = 1, changed_at = ?";
		await quanta.databases.customer00.prepare(resolved).bind(quanta.now).run();
		const input = { session, ticketId, text: "The picture is gone again.", idempotencyKey: "golden" };
		return requestReopening({ ctx: quanta.ctx("customer"), input });
	},
	// about an invoice: what is asked for about tickets and cards looks as it did in earlier versions
	NotificationRequested: async () => {
		await quanta.databases.customer00.prepare("update profiles set email = 'ada@customer.example'").run();
		return quanta.deliver(customer, "invoices", [goldenMessage("InvoiceIssued.v1")]);
	},
	PlanChanged: () => signPlan({ ctx: quanta.ctx("customer"), input: { session, lines: [contract] } }),
	CustomerChanged: () => {
		const input = { customerId: ada, email: "ada@customer.example", changedAt: quanta.now };
		return changeEmail({ ctx: quanta.ctx("customer"), input });
	},
	CardVerified: () => submitCard({ replaces: "crd_002aaaaaaaaaaaaaaaaaaaaaaaaa" }),
	CardRejected: () => submitCard({ last4: "0000" }),
	TicketStatusChanged: async () => acceptTicket(await atTheDesk("assigned")),
	TicketReplied: async () => {
		const { ctx, input } = await atTheDesk("assigned");
		return replyToTicket({ ctx, input: { ...input, text: "I bring a new power supply.", idempotencyKey: "golden" } });
	},
	TicketClosed: async () => {
		const { ctx, input } = await atTheDesk("in_progress");
		return resolveTicket({ ctx, input: { ...input, note: null } });
	},
};

/** The same keys, and values of the same types. */
function shapeOf(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(shapeOf);
	if (typeof value !== "object" || value === null) return typeof value;
	return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}

describe.each(events.filter(([type]) => type in emit))("%s", (type, definition) => {
	const { version, from, anonymous } = definition;
	it.each(destinations(definition))(
		"as its producer emits it today for %s has the shape of the golden one",
		async (destination) => {
			await emit[type as EventType]?.(); // a key of the topology
			const text = "select * from outbox where type = ? and destination = ?";
			const outboxes = databasesOf(from).map((database) => rowsOf<OutboxRow>(database, text, type, destination));
			const rows = (await Promise.all(outboxes)).flat();
			expect(rows).toHaveLength(1);
			const emitted = JSON.parse(rows[0]?.event ?? "");
			expect(shapeOf(emitted)).toEqual(shapeOf(golden(`${type}.v${version}`)));
			expect(emitted).toMatchObject({ type, source: from, specversion: "1.0" });
			expect(emitted.subject).toBe(anonymous ? undefined : ada);
		},
	);
});

describe.each(versions)("the golden $name", ({ name, definition }) => {
	it("is what its signed message says, and both name the version in their schema", () => {
		const { event, header } = readMessage(goldenMessage(name));
		expect(event).toEqual(golden(name));
		expect(event["dataschema"]).toBe(`urn:sysops-squad:${name.replace(".v", ":")}`);
		expect(header).toMatchObject({ alg: "Ed25519", typ: "quantum+jws", kid: `test-${definition.from}` });
		expect(destinations(definition).map(([destination]) => destination)).toContain(header["aud"]);
	});
});

interface GoldenMessage {
	readonly name: string;
	readonly queue: string;
	readonly body: string;
}

/** All golden messages for one destination. The committed one is for one of them; for another the same event is signed. */
async function messagesFor(destination: WorkerName): Promise<GoldenMessage[]> {
	const made = versions.flatMap(({ name, definition }) => {
		const queue = definition.to[destination];
		if (queue === undefined) return [];
		const message = goldenMessage(name);
		const { header, event } = readMessage(message);
		const body = header["aud"] === destination ? message : signAs(definition.from, event, sentTo(destination, quanta.now));
		return [Promise.resolve(body).then((body) => ({ name, queue, body }))];
	});
	return Promise.all(made);
}

/** Hands them over, one batch for each queue. */
async function deliver(destination: WorkerName, messages: readonly GoldenMessage[]): Promise<void> {
	const ports = destination === "billing" ? billingPorts() : {};
	for (const [queue, ofQueue] of Map.groupBy(messages, (message) => message.queue)) {
		const bodies = ofQueue.map(({ body }) => body);
		expect(await quanta.deliver(consumers[destination], queue, bodies, ports)).toMatchObject({ retried: [] });
	}
}

const destinationsOfAll = [...new Set(events.flatMap(([, event]) => destinations(event).map(([destination]) => destination)))];
const contentsAt = (worker: WorkerName) => contentsOf(...databasesOf(worker));

describe.each(destinationsOfAll)("the golden messages for %s", (destination) => {
	it("are all still accepted, and each is confirmed", async () => {
		const messages = await messagesFor(destination);
		await deliver(destination, messages);
		expect(await everywhere(destination, "select reason from quarantine")).toEqual([]);
		const verdicts = await everywhere(destination, "select id, verdict from inbox");
		const expected = messages.map(({ name }) => ({ id: golden(name)["id"], verdict: "accepted" }));
		expect(verdicts).toHaveLength(expected.length);
		expect(verdicts).toEqual(expect.arrayContaining(expected));
	});

	it.each(versions.filter(({ definition }) => destination in definition.to))(
		"$name that comes twice is stored once",
		async ({ name }) => {
			const messages = await messagesFor(destination);
			await deliver(destination, messages);
			const before = await contentsAt(destination);
			const again = messages.filter((message) => message.name === name);
			expect(again).toHaveLength(1);
			await deliver(destination, [...again, ...again]);
			expect(await contentsAt(destination)).toEqual(before);
		},
	);

	it("change nothing when they come after the inbox has forgotten them: every effect has a natural key", async () => {
		const messages = await messagesFor(destination);
		await deliver(destination, messages);
		const before = await contentsAt(destination);
		for (const database of databasesOf(destination)) await database.prepare("delete from inbox").run();
		quanta.now += 1000;
		await deliver(destination, messages);
		const effects = (all: typeof before) => all.map((contents) => ({ ...contents, inbox: [] }));
		expect(effects(await contentsAt(destination))).toEqual(effects(before));
	});
});

it("what sysops stores of the golden tickets is what they say", async () => {
	await deliver("sysops", await messagesFor("sysops"));
	const tickets = await everywhere("sysops", "select id, customer_id, status, text, customer->>'$.name' as name from tickets");
	const ticket = { id: "tkt_001g2xbhk9yfv2dw49c1tg86vajh", customer_id: ada, status: "cancelled" };
	expect(tickets).toEqual([{ ...ticket, text: "No picture since this morning.", name: "Ada Lovelace" }]);
	const comments = await everywhere("sysops", "select ticket_id, text from comments order by text");
	const texts = ["It was the cable.", "The picture is gone again."];
	expect(comments).toEqual(texts.map((text) => ({ ticket_id: ticket.id, text })));
});

it("what billing stores of the golden plan and customer is what they say", async () => {
	await deliver("billing", await messagesFor("billing"));
	const [customers, subscriptions] = [
		await everywhere("billing", "select customer_id, version, email, name, postal_code, language from customers"),
		await everywhere("billing", "select customer_id, starts_at, version, ends_at, phases from subscriptions"),
	];
	const [at, address] = [Date.UTC(2026, 10, 2, 12), { name: "Ada Lovelace", postal_code: "SW1Y 4JH", language: "en" }];
	expect(customers).toEqual([{ customer_id: ada, version: at, email: "ada@customer.example", ...address }]);
	const lines = [{ contractId: contract.contractId, contractVersion: contract.version }];
	const phases = JSON.stringify([{ from: at, lines }]);
	expect(subscriptions).toEqual([{ customer_id: ada, starts_at: at, version: at, ends_at: null, phases }]);
});

it("what billing stores of the golden cards is what they say", async () => {
	await deliver("billing", await messagesFor("billing"));
	const cards = await everywhere(
		"billing",
		"select card_id, customer_id, state, brand, last4, accepted_at from cards order by card_id",
	);
	const [at, none] = [Date.UTC(2026, 10, 2, 12), { brand: null, last4: null, accepted_at: null }];
	expect(cards).toEqual([
		{
			card_id: "crd_001aaaaaaaaaaaaaaaaaaaaaaaaa",
			customer_id: ada,
			state: "verified",
			brand: "visa",
			last4: "4242",
			accepted_at: at,
		},
		{ card_id: "crd_002aaaaaaaaaaaaaaaaaaaaaaaaa", customer_id: ada, state: "removed", ...none },
	]);
	expect(await everywhere("billing", "select card_id from vault")).toEqual([{ card_id: "crd_001aaaaaaaaaaaaaaaaaaaaaaaaa" }]);
});
