import { env, exports } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { customerId, newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { someCardValues, someValues } from "../../../shared/testing/notification.ts";
import { accessToken, serveCerts, staffEmail } from "../../../shared/testing/staff.ts";
import { days } from "../../../shared/time.ts";

const path = "/api/v1/notifications";
const expertEmail = "expert@squad.example";

beforeAll(async () => {
	await migrateDatabases();
	const text = "insert into staff values (?, 'helpdesk'), (?, 'expert')";
	await env.NOTIFICATION_DB.prepare(text).bind(staffEmail, expertEmail).run();
});
beforeEach(async () => {
	serveCerts();
	await env.NOTIFICATION_DB.batch(["notifications", "audit"].map((table) => env.NOTIFICATION_DB.prepare(`delete from ${table}`)));
});
afterEach(() => {
	vi.unstubAllGlobals();
});

type Status = "pending" | "sent" | "failed" | "expired";

/** A message that has come to this, requested at this time. */
async function given(status: Status, requestedAt = 1000, kept = status !== "sent"): Promise<string> {
	const id = newId("ntf", "00");
	const [recipient, content] = kept ? ["ada@customer.example", JSON.stringify(someValues)] : [null, null];
	const failure = status === "failed" ? "recipient_suppressed" : null;
	await env.NOTIFICATION_DB.prepare(
		`insert into notifications (id, customer_id, channel, recipient, language, template, content, status, requested_at,
			expires_at, attempts, next_attempt_at, ended_at, failure)
		values (?, ?, 'email', ?, 'en', 'ticket_received', ?, ?, ?, 2000, 3, ?, ?, ?)`,
	)
		.bind(
			id,
			customerId("00"),
			recipient,
			content,
			status,
			requestedAt,
			status === "pending" ? 1500 : null,
			status === "pending" ? null : 2000,
			failure,
		)
		.run();
	return id;
}

interface Body {
	code?: string;
	items?: { id: string }[];
	next?: string | null;
}

async function ask(route: string, { email = staffEmail, body }: { email?: string; body?: unknown } = {}) {
	const headers = { "cf-access-jwt-assertion": await accessToken({ email }), "content-type": "application/json" };
	const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
	const response = await exports.default.fetch(new Request(`https://notification.test${path}${route}`, init));
	return { status: response.status, cache: response.headers.get("cache-control"), body: await response.json<Body>() };
}

describe("the list", () => {
	it("has the messages in one state, the newest first, page by page, and says of none to whom it goes", async () => {
		const [old, same1, same2, newest] = [
			await given("failed", 1),
			await given("failed", 2),
			await given("failed", 2),
			await given("failed", 3),
		];
		await given("expired", 4);
		const [higher, lower] = [same1, same2].toSorted().reverse();

		const first = await ask("?limit=2");
		const second = await ask(`?limit=2&cursor=${first.body.next}`);

		expect([first.cache, first.status]).toEqual(["no-store", 200]);
		const ids = [first, second].map(({ body }) => body.items?.map(({ id }) => id));
		expect(ids).toEqual([
			[newest, higher],
			[lower, old],
		]);
		expect(second.body.next).toBeNull();
		expect(JSON.stringify([first.body, second.body])).not.toMatch(/customer\.example|Television/);
		expect(first.body.items?.[0]).toEqual({
			id: newest,
			customerId: customerId("00"),
			channel: "email",
			language: "en",
			template: "ticket_received",
			status: "failed",
			attempts: 3,
			failure: "recipient_suppressed",
			requestedAt: "1970-01-01T00:00:00.003Z",
			expiresAt: "1970-01-01T00:00:02.000Z",
			nextAttemptAt: null,
			endedAt: "1970-01-01T00:00:02.000Z",
		});
	});

	it.each(["pending", "sent", "expired"] as const)("of what is %s", async (status) => {
		const id = await given(status);
		await given("failed");

		expect((await ask(`?status=${status}`)).body.items).toEqual([expect.objectContaining({ id, status })]);
	});

	it.each(["?status=lost", "?limit=0", "?limit=101", "?cursor=nonsense"])("422 for %s", async (query) => {
		expect(await ask(query)).toMatchObject({ status: 422, body: { code: "invalid_field" } });
	});
});

describe("one message", () => {
	it("shows to whom and what it says, as long as that is kept", async () => {
		const [kept, sent] = [await given("failed"), await given("sent")];

		expect((await ask(`/${kept}`)).body).toMatchObject({ id: kept, recipient: "ada@customer.example", values: someValues });
		expect((await ask(`/${sent}`)).body).toMatchObject({ id: sent, recipient: null, values: null });
	});

	it("about a card is in the list, and shows what it says: brand and last digits", async () => {
		const id = await given("failed");
		const text = "update notifications set template = 'card_rejected', content = ? where id = ?";
		const values = { ...someCardValues, reason: "brand" };
		await env.NOTIFICATION_DB.prepare(text).bind(JSON.stringify(values), id).run();

		expect((await ask("")).body.items).toEqual([expect.objectContaining({ id, template: "card_rejected" })]);
		expect((await ask(`/${id}`)).body).toMatchObject({ id, template: "card_rejected", values });
	});

	it.each([newId("ntf", "00"), "nonsense"])("404 for %s, which is none", async (id) => {
		expect(await ask(`/${id}`)).toMatchObject({ status: 404, body: { code: "not_found" } });
		expect(await ask(`/${id}/resend`, { body: {} })).toMatchObject({ status: 404, body: { code: "not_found" } });
	});
});

describe("sending again", () => {
	it.each(["failed", "expired"] as const)("makes what is %s pending for three days, with an audit row", async (status) => {
		const id = await given(status);

		const answer = await ask(`/${id}/resend`, { body: {} });

		expect(answer).toMatchObject({ status: 200, body: { id, status: "pending", attempts: 0, failure: null, endedAt: null } });
		const [row] = await rowsOf<{ expires_at: number; next_attempt_at: number }>(
			env.NOTIFICATION_DB,
			"select * from notifications",
		);
		expect((row?.expires_at ?? 0) - (row?.next_attempt_at ?? 0)).toBe(3 * days);
		const failure = status === "failed" ? "recipient_suppressed" : null;
		expect(await rowsOf(env.NOTIFICATION_DB, "select actor, action, subject, before, after from audit")).toEqual([
			{
				actor: staffEmail,
				action: "notification_resent",
				subject: id,
				before: JSON.stringify({ status, failure, expiresAt: 2000 }),
				after: JSON.stringify({ status: "pending", expiresAt: row?.expires_at }),
			},
		]);
	});

	it("twice, or of what waits, changes nothing more", async () => {
		const [id, waiting] = [await given("failed"), await given("pending")];
		await ask(`/${id}/resend`, { body: {} });
		const before = await contentsOf(env.NOTIFICATION_DB);

		for (const one of [id, waiting]) {
			expect(await ask(`/${one}/resend`, { body: {} })).toMatchObject({ status: 200, body: { id: one, status: "pending" } });
		}

		expect(await contentsOf(env.NOTIFICATION_DB)).toEqual(before);
	});

	it.each([
		["was sent", "sent", false],
		["failed so long ago that it is forgotten", "failed", false],
		["expired so long ago that it is forgotten", "expired", false],
	] as const)("409 for what %s", async (_, status, kept) => {
		const id = await given(status, 1000, kept);
		const before = await contentsOf(env.NOTIFICATION_DB);

		expect(await ask(`/${id}/resend`, { body: {} })).toMatchObject({ status: 409, body: { code: "not_resendable" } });
		expect(await contentsOf(env.NOTIFICATION_DB)).toEqual(before);
	});

	it("422 for a body that wants more", async () => {
		const id = await given("failed");
		const answer = await ask(`/${id}/resend`, { body: { recipient: "somebody@else.example" } });

		expect(answer).toMatchObject({ status: 422, body: { code: "invalid_field" } });
	});
});

describe("whoever is not of the helpdesk or an administrator", () => {
	const routes = async () => {
		const id = await given("failed");
		return [[""], [`/${id}`], [`/${id}/resend`, {}]] as const;
	};

	it.each([
		[expertEmail, "not_permitted"],
		["visitor@squad.example", "not_staff"],
	])("403 for %s, and nothing happens", async (email, code) => {
		for (const [route, body] of await routes()) {
			const before = await contentsOf(env.NOTIFICATION_DB);
			expect(await ask(route, { email, body }), route).toMatchObject({ status: 403, body: { code } });
			expect(await contentsOf(env.NOTIFICATION_DB)).toEqual(before);
		}
	});

	it("401 without a token, and nothing happens", async () => {
		for (const [route, body] of await routes()) {
			const before = await contentsOf(env.NOTIFICATION_DB);
			const method = body === undefined ? "GET" : "POST";
			const response = await exports.default.fetch(new Request(`https://notification.test${path}${route}`, { method }));
			expect([response.status, response.headers.get("cache-control")], route).toEqual([401, "no-store"]);
			expect(await contentsOf(env.NOTIFICATION_DB)).toEqual(before);
		}
	});
});

it("health says for how long the oldest message waits, and how many have come to nothing", async () => {
	await given("pending", Date.now() - 60_000);
	await given("pending", Date.now() - 1000);
	await given("failed");
	await given("expired");
	await given("expired");
	await given("sent");

	const response = await exports.default.fetch(new Request("https://notification.test/healthz"));

	const { shards } = await response.json<{ shards: { pendingSeconds: number }[] }>();
	expect(shards).toEqual([expect.objectContaining({ reachable: true, failed: 1, expired: 2 })]);
	expect(shards[0]?.pendingSeconds).toBeGreaterThanOrEqual(60);
	expect(shards[0]?.pendingSeconds).toBeLessThan(120);
});
