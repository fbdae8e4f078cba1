import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import Stripe from "stripe";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { observe, rowsOf } from "../../../shared/testing/database.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { days, seconds } from "../../../shared/time.ts";
import worker from "../index.ts";

const asStripe = { ...env, PAYMENT_PROVIDER: "stripe", PAYMENT_KEY: "sk_test_fake" };
const secret = env.PAYMENT_WEBHOOK_KEY;
const lease = Number(env.PAYMENT_LEASE_SECONDS) * seconds;
const tomorrow = () => Date.now() + days;

beforeAll(migrateDatabases);
let logged: string[];
beforeEach(() => {
	logged = [];
	vi.spyOn(console, "log").mockImplementation((line) => logged.push(String(line)));
});
afterEach(() => {
	vi.restoreAllMocks();
});

interface Sending {
	readonly secret?: string;
	/** Seconds since it was signed. */
	readonly age?: number;
	readonly signature?: string;
	readonly method?: string;
	readonly bindings?: Cloudflare.Env;
}

const signatureOf = (payload: string, { secret: by = secret, age = 0 }: Sending) =>
	Stripe.webhooks.generateTestHeaderStringAsync({
		payload,
		secret: by,
		timestamp: Math.floor(Date.now() / 1000) - age,
		cryptoProvider: Stripe.createSubtleCryptoProvider(),
	});

/** Sends it as Stripe does, and waits for what is left to `waitUntil`; `begun` is how much that was. */
async function send(payload: string, sending: Sending = {}) {
	const { method = "POST", bindings = asStripe, signature = await signatureOf(payload, sending) } = sending;
	const headers = { "stripe-signature": signature, "content-type": "application/json; charset=utf-8" };
	const body = method === "GET" ? null : payload;
	const execution = createExecutionContext();
	const waits = vi.spyOn(execution, "waitUntil");
	const answer = await worker.fetch(
		new Request("https://billing.test/webhooks/stripe", { method, headers, body }),
		bindings,
		execution,
	);
	await waitOnExecutionContext(execution);
	return { status: answer.status, text: await answer.text(), begun: waits.mock.calls.length };
}

/** An event as Stripe's reference shows one (https://docs.stripe.com/api/events/object). */
const eventOf = (type: string, metadata: object, more: object = {}) =>
	JSON.stringify({
		id: "evt_1fake",
		object: "event",
		api_version: "2026-10-28.endive",
		type,
		data: { object: { id: "pi_fake", metadata, ...more } },
	});

const succeeded = (attemptId: string) => eventOf("payment_intent.succeeded", { attemptId });
const databaseOf = (shard: string) => (shard === "00" ? env.BILLING_DB_00 : env.BILLING_DB_01);

/** An attempt of a period that is to be looked at tomorrow. */
async function givenAttempt({ state = "unknown", startedAt = Date.now(), shard = "00", lookAt = tomorrow() } = {}) {
	const [attemptId, customerId] = [newId("att", shard), newId("cus", shard)];
	await databaseOf(shard).batch([
		databaseOf(shard)
			.prepare(
				"insert into periods (customer_id, from_at, starts_at, period_index, state, attempt_at, look_at) values (?, 7, 7, 0, 'due', 7, ?)",
			)
			.bind(customerId, lookAt),
		databaseOf(shard)
			.prepare(
				`insert into attempts (attempt_id, customer_id, from_at, number, state, started_at, total_minor, currency, bill, started_run)
				values (?, ?, 7, 1, ?, ?, 500, 'EUR', '{}', 'run')`,
			)
			.bind(attemptId, customerId, state, startedAt),
	]);
	const lookedAt = async () => {
		const [row] = await rowsOf<{ look_at: number }>(
			databaseOf(shard),
			"select look_at from periods where customer_id = ?",
			customerId,
		);
		return row?.look_at ?? 0;
	};
	return { attemptId, lookedAt };
}

async function givenRefund(state: string, startedAt: number | null, lookAt = tomorrow()) {
	const refundId = newId("rfd", "00");
	await env.BILLING_DB_00.prepare(
		`insert into refunds (refund_id, customer_id, attempt_id, state, requested_at, requested_by, reason, net_minor, tax_minor, currency,
			look_at, started_at, request_digest)
		values (?, 'cus', 'att', ?, 0, 'billing', 'owed', 500, 0, 'EUR', ?, ?, '')`,
	)
		.bind(refundId, state, lookAt, startedAt)
		.run();
	const lookedAt = async () => {
		const [row] = await rowsOf<{ look_at: number }>(
			env.BILLING_DB_00,
			"select look_at from refunds where refund_id = ?",
			refundId,
		);
		return row?.look_at ?? 0;
	};
	return { refundId, lookedAt };
}

/** Whoever takes up what is due has it for the length of a lease. */
const isNow = (at: number) => at <= Date.now() + lease;

describe("row 36: what Stripe has not signed is refused, changes nothing, and is shown nowhere", () => {
	const forged: readonly [string, Sending][] = [
		["with another secret", { secret: "whsec_of_somebody_else" }],
		["six minutes ago", { age: 360 }],
		["without a signature", { signature: "" }],
		["with nonsense", { signature: "t=1,v1=00" }],
		["with a signature of another scheme", { signature: "t=9999999999,v0=00" }],
	];
	it.each(forged)("%s", async (_, sending) => {
		const { attemptId, lookedAt } = await givenAttempt();
		const answer = await send(succeeded(attemptId), sending);
		expect(answer).toMatchObject({ status: 400, begun: 0 });
		expect(JSON.parse(answer.text)).toMatchObject({ code: "wrong_signature" });
		expect(isNow(await lookedAt())).toBe(false);
		expect(answer.text + logged.join("\n")).not.toContain(attemptId);
	});

	it("with the signature of another body", async () => {
		const { attemptId, lookedAt } = await givenAttempt();
		const signature = await signatureOf(succeeded(newId("att", "00")), {});
		expect(await send(succeeded(attemptId), { signature })).toMatchObject({ status: 400, begun: 0 });
		expect(isNow(await lookedAt())).toBe(false);
	});

	it("while we have no secret, not even by an empty one", async () => {
		const { attemptId, lookedAt } = await givenAttempt();
		const bindings = { ...asStripe, PAYMENT_WEBHOOK_KEY: "" };
		expect(await send(succeeded(attemptId), { bindings })).toMatchObject({ status: 503, begun: 0 });
		expect(isNow(await lookedAt())).toBe(false);
	});

	it("however large it is", async () => {
		const large = eventOf("payment_intent.succeeded", { attemptId: "x".repeat(200_000) });
		expect(await send(large)).toMatchObject({ status: 413 });
	});
});

it.each([env, { ...asStripe, PAYMENT_PROVIDER: "" }])(
	"there is nothing where Stripe is not the provider, and nothing to get",
	async (bindings) => {
		const { attemptId, lookedAt } = await givenAttempt();
		expect(await send(succeeded(attemptId), { bindings })).toMatchObject({ status: 404, begun: 0 });
		expect(await send(succeeded(attemptId), { method: "GET" })).toMatchObject({ status: 404, begun: 0 });
		expect(isNow(await lookedAt())).toBe(false);
	},
);

describe("an attempt that we still wait for", () => {
	it.each([
		"payment_intent.succeeded",
		"payment_intent.payment_failed",
		"payment_intent.processing",
		"payment_intent.canceled",
		"of_tomorrow",
	])("is looked up at once when %s names it, in its own shard", async (type) => {
		const others = await givenAttempt({ shard: "01" });
		const { attemptId, lookedAt } = await givenAttempt({ shard: "01" });
		expect(await send(eventOf(type, { attemptId }))).toEqual({ status: 200, text: "", begun: 1 });
		expect(isNow(await lookedAt())).toBe(true);
		expect(isNow(await others.lookedAt())).toBe(false);
	});

	it("is looked up once, however often it is named", async () => {
		const { attemptId } = await givenAttempt();
		const answers = [await send(succeeded(attemptId)), await send(succeeded(attemptId))];
		expect(answers.map(({ status }) => status)).toEqual([200, 200]);
		const { attemptId: due } = await givenAttempt({ lookAt: 5 });
		expect(await send(succeeded(due))).toMatchObject({ status: 200, begun: 0 });
	});

	it("is looked up when the secret is being rolled and Stripe signs by both", async () => {
		const { attemptId, lookedAt } = await givenAttempt();
		const [old, rolled] = [
			await signatureOf(succeeded(attemptId), { secret: "whsec_old" }),
			await signatureOf(succeeded(attemptId), {}),
		];
		expect(await send(succeeded(attemptId), { signature: `${old},${rolled.split(",")[1]}` })).toMatchObject({ status: 200 });
		expect(isNow(await lookedAt())).toBe(true);
	});

	it("is left to whoever has begun it, until their lease is over", async () => {
		const fresh = await givenAttempt({ state: "started" });
		const left = await givenAttempt({ state: "started", startedAt: Date.now() - lease });
		expect(await send(succeeded(fresh.attemptId))).toMatchObject({ status: 200, begun: 0 });
		expect(await send(succeeded(left.attemptId))).toMatchObject({ status: 200, begun: 1 });
		expect([isNow(await fresh.lookedAt()), isNow(await left.lookedAt())]).toEqual([false, true]);
	});

	it("is sent again by Stripe while its database is away", async () => {
		const { attemptId, lookedAt } = await givenAttempt();
		const database = observe(env.BILLING_DB_00);
		database.down = true;
		const bindings = { ...asStripe, BILLING_DB_00: database as unknown as D1Database }; // all that is used of it
		expect(await send(succeeded(attemptId), { bindings })).toMatchObject({ status: 500, begun: 0 });
		expect(await send(succeeded(attemptId))).toMatchObject({ status: 200, begun: 1 });
		expect(isNow(await lookedAt())).toBe(true);
	});
});

describe("nothing is done for", () => {
	it.each(["approved", "declined_soft", "declined_hard", "given_up"])("an attempt that is %s", async (state) => {
		const { attemptId, lookedAt } = await givenAttempt({ state });
		expect(await send(succeeded(attemptId))).toMatchObject({ status: 200, begun: 0 });
		expect(isNow(await lookedAt())).toBe(false);
	});

	it.each([
		["an attempt that we do not know", succeeded(newId("att", "00"))],
		["a shard that we do not have", succeeded(newId("att", "7f"))],
		["an id that is none", succeeded("att_00' or 1")],
		["a payment of something else in the same account", eventOf("payment_intent.succeeded", {})],
		["an event about something else", JSON.stringify({ type: "account.updated", data: { object: { metadata: null } } })],
		["an event without an object", JSON.stringify({ type: "ping" })],
	])("%s", async (_, payload) => {
		const { lookedAt } = await givenAttempt();
		expect(await send(payload)).toMatchObject({ status: 200, begun: 0 });
		expect(isNow(await lookedAt())).toBe(false);
	});

	it("what is signed and no JSON", async () => {
		expect(await send("{")).toMatchObject({ status: 400 });
		expect(await send(JSON.stringify({ object: "v2.core.event" }))).toMatchObject({ status: 400 });
	});
});

describe("a refund that we still wait for", () => {
	it.each(["refund.updated", "refund.failed", "charge.refund.updated"])("is looked up at once when %s names it", async (type) => {
		const { refundId, lookedAt } = await givenRefund("unknown", Date.now());
		expect(await send(eventOf(type, { refundId }))).toMatchObject({ status: 200, begun: 1 });
		expect(isNow(await lookedAt())).toBe(true);
	});

	it.each([
		["due", null, false],
		["due", Date.now(), false],
		["due", 5, true],
		["refunded", 5, false],
		["failed", 5, false],
	] as const)("%s, begun at %s: %s", async (state, startedAt, isWoken) => {
		const { refundId, lookedAt } = await givenRefund(state, startedAt);
		expect(await send(eventOf("refund.updated", { refundId }))).toMatchObject({ status: 200, begun: isWoken ? 1 : 0 });
		expect(isNow(await lookedAt())).toBe(isWoken);
	});
});

it("a refund that is due already is left to whoever comes next", async () => {
	const { refundId } = await givenRefund("unknown", 5, 5);
	expect(await send(eventOf("refund.updated", { refundId }))).toMatchObject({ status: 200, begun: 0 });
});

describe("somebody has to look", () => {
	const alarms = () => logged.map((line) => JSON.parse(line)).filter(({ level }) => level === "alarm");

	it("when a payment is disputed: Stripe's name of the charge leads to it", async () => {
		expect(await send(eventOf("charge.dispute.created", {}, { payment_intent: "pi_disputed" }))).toMatchObject({ status: 200 });
		expect(alarms()).toMatchObject([{ message: "payment_disputed", paymentId: "pi_disputed" }]);
	});

	it("when a refund comes back, though we took it for done", async () => {
		const { refundId } = await givenRefund("refunded", 5);
		await send(eventOf("refund.failed", { refundId }, { payment_intent: "pi_refunded" }));
		expect(alarms()).toMatchObject([{ message: "refund_came_back", paymentId: refundId }]);
	});
});
