import { createExecutionContext, reset, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type * as v from "valibot";
import { vi } from "vitest";
import type {
	CardValues,
	InvoiceValues,
	NotificationRequested,
	NotificationRequested1,
	PaymentValues,
	TicketValues,
} from "../events/notifications.ts";
import { topology } from "../events/topology.ts";
import { dataSchemaUri, newEvent } from "../messaging/envelope.ts";
import { type Observed, observe, rowsOf } from "./database.ts";
import { customerId, newId } from "./fixtures.ts";
import { sentTo, signAs } from "./forge.ts";
import { batchOf, neighbour } from "./messages.ts";
import { migrateDatabases } from "./migrations.ts";

/** The entry file of the notification Worker. */
interface NotificationWorker {
	queue(batch: MessageBatch, env: NotificationBindings, execution: ExecutionContext): Promise<void>;
	scheduled(event: ScheduledController, env: NotificationBindings, execution: ExecutionContext): Promise<void>;
}

/** An e-mail as the binding is given it. */
interface SentMail {
	readonly from: string;
	readonly to: string;
	readonly subject: string;
	readonly text: string;
	readonly html: string;
	readonly headers?: Readonly<Record<string, string>>;
}

export const someValues: TicketValues = {
	ticketId: "tkt_001g2xbhk9yfv2dw49c1tg86vajh",
	device: "Television",
	expert: null,
	visitFrom: null,
	visitTo: null,
	note: null,
	surveyId: null,
	surveyExpiresAt: null,
	author: null,
	text: null,
};

/** All that a message about a ticket can say. */
export const fullValues: TicketValues = {
	...someValues,
	expert: "Mary Example",
	visitFrom: Date.UTC(2026, 10, 30, 8),
	visitTo: Date.UTC(2026, 10, 30, 12),
	note: "I ring twice.",
	author: "Grace Example",
	text: "Does the light still blink?",
};

/** Of a card that is good. */
export const someCardValues: CardValues = {
	cardId: "crd_001g2xbhk9yfv2dw49c1tg86vajh",
	brand: "visa",
	last4: "4242",
	expMonth: 9,
	expYear: 2030,
	reason: null,
};

/** A month from noon to noon. */
const somePeriod = { periodFrom: Date.UTC(2026, 10, 2, 12), periodTo: Date.UTC(2026, 11, 2, 12) };

export const someInvoiceValues: InvoiceValues = {
	invoiceId: "inv_001g2xbhk9yfv2dw49c1tg86vajh",
	number: "INV-00-000123",
	issuedAt: Date.UTC(2026, 10, 3, 12),
	amountMinor: 123_450,
	currency: "EUR",
	...somePeriod,
};

/** Of a card that will be tried again. */
export const somePaymentValues: PaymentValues = {
	...somePeriod,
	amountMinor: 1290,
	currency: "EUR",
	reason: "insufficient_funds",
	nextAttemptAt: Date.UTC(2026, 10, 6, 12),
};

/** Three days from the beginning of a world. */
const begin = Date.UTC(2026, 10, 2, 12);
const expiresAt = begin + 3 * 24 * 3_600_000;

type TicketNotification = v.InferOutput<typeof NotificationRequested1>;
type CardNotification = Extract<NotificationRequested, { values: CardValues }>;
type InvoiceNotification = Extract<NotificationRequested, { values: InvoiceValues }>;
type PaymentNotification = Extract<NotificationRequested, { values: PaymentValues }>;

/** What the customer Worker asks for, unless told: an e-mail in English that a ticket has arrived. */
export const someNotification = (own: Partial<TicketNotification> = {}): TicketNotification => ({
	notificationId: newId("ntf", "00"),
	channel: "email",
	recipient: "ada@customer.example",
	language: "en",
	template: "ticket_received",
	values: someValues,
	expiresAt,
	...own,
});

/** That a card is good, by e-mail in English unless told. */
export const someCardNotification = (own: Partial<CardNotification> = {}): CardNotification => ({
	...someNotification(),
	template: "card_verified",
	values: someCardValues,
	...own,
});

/** That an invoice was issued, by e-mail in English unless told. */
export const someInvoiceNotification = (own: Partial<InvoiceNotification> = {}): InvoiceNotification => ({
	...someNotification(),
	template: "invoice_issued",
	values: someInvoiceValues,
	...own,
});

/** That a period could not be charged, by e-mail in English unless told. */
export const somePaymentNotification = (own: Partial<PaymentNotification> = {}): PaymentNotification => ({
	...someNotification(),
	template: "payment_failed",
	values: somePaymentValues,
	...own,
});

/** The event in which the customer Worker asks for it, of another version if told. */
export function notificationRequested(
	data: object,
	{ version = topology.events.NotificationRequested.version }: { version?: number } = {},
): Promise<string> {
	const source = neighbour("customer");
	const event = newEvent(source, "00", { type: "NotificationRequested", subject: customerId("00"), data });
	const dataschema = dataSchemaUri("NotificationRequested", version);
	return signAs("customer", { ...event, dataschema }, sentTo("notification", source.now()));
}

/** notification on a real database; the ways out and the clock are the test's. */
export class NotificationWorld {
	readonly database: Observed = observe(env.NOTIFICATION_DB);
	/** All that was mailed. */
	readonly mails: SentMail[] = [];
	/** All that was posted to the provider of text messages, and with which headers. */
	readonly texts: { readonly to: string; readonly text: string; readonly headers: Headers }[] = [];
	/** How often the mail binding was asked. */
	mailCalls = 0;
	/** What the mail binding does before it takes a mail: throw, for one. */
	beforeMail: (mail: SentMail) => void | Promise<void> = () => {};
	/** What it does when it has taken it. */
	afterMail: () => void | Promise<void> = () => {};
	/** What the provider of text messages answers; null when there is no answer. */
	smsStatus: number | null = 202;
	settings: Partial<NotificationBindings> = { SMS_URL: "https://sms.example/messages", SMS_TOKEN: "a-token" };
	/** Lines of the log. */
	readonly logged: string[] = [];
	readonly #worker: NotificationWorker;
	private constructor(worker: NotificationWorker) {
		this.#worker = worker;
		vi.useFakeTimers({ toFake: ["Date"], now: begin });
		vi.spyOn(console, "log").mockImplementation((line) => this.logged.push(String(line)));
		vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
			const request = new Request(input, init);
			if (this.smsStatus === null) throw new TypeError("no network");
			const body = await request.json<{ to: string; text: string }>();
			if (this.smsStatus === 202) this.texts.push({ ...body, headers: request.headers });
			return new Response("", { status: this.smsStatus });
		});
	}

	/** A new one, in which nothing was asked for yet. */
	static async start(worker: NotificationWorker): Promise<NotificationWorld> {
		vi.restoreAllMocks();
		await reset();
		await migrateDatabases();
		return new NotificationWorld(worker);
	}

	/** Lets time go by, in milliseconds. */
	pass(time: number): void {
		vi.setSystemTime(Date.now() + time);
	}

	get env(): NotificationBindings {
		const send = async (mail: SentMail) => {
			this.mailCalls += 1;
			await this.beforeMail(mail);
			this.mails.push(mail);
			await this.afterMail();
		};
		// fakes of what the Worker uses of them
		return {
			...env,
			...this.settings,
			NOTIFICATION_DB: this.database as unknown as D1Database,
			MAIL: { send } as unknown as SendEmail,
		};
	}

	/** Hands the Worker one batch of messages, to the end of what it does by itself afterwards. */
	async deliver(...messages: readonly string[]): Promise<void> {
		const execution = createExecutionContext();
		await this.#worker.queue(batchOf("notifications", messages), this.env, execution);
		await waitOnExecutionContext(execution);
	}

	/** The customer Worker asks for these, in one batch. */
	async request(...wanted: readonly NotificationRequested[]): Promise<void> {
		await this.deliver(...(await Promise.all(wanted.map((one) => notificationRequested(one)))));
	}

	/** One run of a Cron Trigger, to its end. */
	async cron(cron = "* * * * *"): Promise<void> {
		const execution = createExecutionContext();
		const event = { cron, scheduledTime: Date.now(), noRetry() {}, type: "scheduled" } as ScheduledController;
		await this.#worker.scheduled(event, this.env, execution);
		await waitOnExecutionContext(execution);
	}

	rows<Row = Record<string, unknown>>(text = "select * from notifications", ...values: unknown[]): Promise<Row[]> {
		return rowsOf<Row>(env.NOTIFICATION_DB, text, ...values);
	}
}

/** An error as the mail binding throws it: its message may hold an address. */
export const mailError = (code: string): Error => Object.assign(new Error(`550 <ada@customer.example>: ${code}`), { code });
