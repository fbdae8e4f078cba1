import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import {
	type Customer,
	eventsOf,
	givenCustomer,
	givenTicket,
	type TicketBody,
	ticketsPath,
} from "../../../shared/testing/customers.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { bring, statusChanged } from "../../../shared/testing/updates.ts";
import { days, minutes } from "../../../shared/time.ts";
import worker from "../index.ts";

beforeAll(migrateDatabases);

const text = "The picture is gone again.";
const reopen = (customer: Customer, id: string, headers: Record<string, string> = {}, what = text) =>
	customer.post<TicketBody>(`${ticketsPath}/${id}/reopening`, { text: what }, headers);
const read = async (customer: Customer, id: string) => (await customer.get<TicketBody>(`${ticketsPath}/${id}`)).body;
const requestsOf = async (customer: Customer) =>
	(await eventsOf(customer)).filter(({ type }) => type === "TicketReopenRequested");

/** Resolved for the second time, so long ago. */
async function givenResolved({ ago = minutes, shard = "00" } = {}) {
	const customer = await givenCustomer({ shard });
	const { id } = await givenTicket(customer);
	const changedAt = Date.now() - ago;
	await bring(worker, statusChanged(customer.id, id, { status: "resolved", resolutions: 2, changedAt }));
	return { customer, id, changedAt };
}

describe("POST tickets/{id}/reopening", () => {
	it.each(["00", "01"])("answers 202, keeps the words as a comment and leaves one event for sysops (shard %s)", async (shard) => {
		const { customer, id, changedAt } = await givenResolved({ shard });
		expect(await read(customer, id)).toMatchObject({
			reopenRequestedAt: null,
			reopenableUntil: new Date(changedAt + 14 * days).toISOString(),
		});

		const { status, body } = await reopen(customer, id);

		expect(status).toBe(202);
		const requestedAt = Date.parse(body.reopenRequestedAt ?? "");
		expect(requestedAt).toBeGreaterThan(changedAt);
		expect(body).toMatchObject({ id, status: "resolved", reopenableUntil: null });
		const { comments = [] } = await read(customer, id);
		expect(comments).toMatchObject([{ text, author: null }]);
		expect(await requestsOf(customer)).toMatchObject([
			{ subject: customer.id, data: { ticketId: id, requestedAt, resolution: 2, commentId: comments[0]?.id, text } },
		]);
	});

	it("makes an older wish to cancel void", async () => {
		const { customer, id } = await givenResolved();
		await customer.database.prepare("update tickets set cancellation_requested_at = 1 where id = ?").bind(id).run();

		expect((await reopen(customer, id)).body.cancellationRequestedAt).toBeNull();
	});

	it("is taken until 14 days are over", async () => {
		const early = await givenResolved({ ago: 14 * days - minutes });
		const late = await givenResolved({ ago: 14 * days });

		expect((await reopen(early.customer, early.id)).status).toBe(202);
		expect(await reopen(late.customer, late.id)).toMatchObject({ status: 409, body: { code: "wrong_status" } });
		expect(await requestsOf(late.customer)).toEqual([]);
	});

	it.each(["submitted", "received", "assigned", "accepted", "in_progress", "cancelled", "reopened"] as const)(
		"answers 409 while the ticket is %s, and changes nothing",
		async (status) => {
			const customer = await givenCustomer();
			const { id } = await givenTicket(customer);
			if (status !== "submitted") await bring(worker, statusChanged(customer.id, id, { status, resolutions: 1 }));
			const before = await contentsOf(customer.database);

			const answer = await reopen(customer, id);

			expect(answer).toMatchObject({ status: 409, body: { code: "wrong_status" } });
			expect(answer.headers.get("content-type")).toBe("application/problem+json");
			expect(await contentsOf(customer.database)).toEqual(before);
			expect((await read(customer, id)).reopenableUntil).toBeNull();
		},
	);

	it("answers 409 when it has been asked for already, and keeps the first words", async () => {
		const { customer, id } = await givenResolved();
		await reopen(customer, id);
		const before = await contentsOf(customer.database);

		expect(await reopen(customer, id, {}, "And the sound.")).toMatchObject({ status: 409, body: { code: "wrong_status" } });
		expect(await contentsOf(customer.database)).toEqual(before);
	});

	it("can be asked for again after the next resolution", async () => {
		const { customer, id } = await givenResolved();
		await reopen(customer, id);
		await bring(worker, statusChanged(customer.id, id, { status: "resolved", resolutions: 3 }));

		expect((await reopen(customer, id)).status).toBe(202);
		expect((await requestsOf(customer)).map(({ data }) => data["resolution"]).sort()).toEqual([2, 3]);
	});

	it("with the same key is one wish, answered as the ticket is now", async () => {
		const key = { "idempotency-key": "once" };
		const { customer, id } = await givenResolved();
		const first = await reopen(customer, id, key);

		expect(await reopen(customer, id, key)).toMatchObject({ status: 202, body: first.body });
		await bring(worker, statusChanged(customer.id, id, { status: "reopened", resolutions: 2 }));
		expect(await reopen(customer, id, key)).toMatchObject({ status: 202, body: { id, status: "reopened" } });

		expect(await reopen(customer, id, key, "Another text.")).toMatchObject({
			status: 422,
			body: { code: "idempotency_key_reused" },
		});
		expect(await requestsOf(customer)).toHaveLength(1);
		expect((await read(customer, id)).comments).toHaveLength(1);
	});

	it("of several at the same time is one", async () => {
		const { customer, id } = await givenResolved();

		const answers = await Promise.all([1, 2, 3].map(() => reopen(customer, id)));

		expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
		expect(await requestsOf(customer)).toHaveLength(1);
		expect((await read(customer, id)).comments).toHaveLength(1);
	});

	it("row 30: of a session that was signed out changes nothing", async () => {
		const { customer, id } = await givenResolved();
		await customer.signOut();
		const before = await contentsOf(customer.database);

		expect(await reopen(customer, id)).toMatchObject({ status: 401, body: { code: "session_revoked" } });
		expect(await contentsOf(customer.database)).toEqual(before);
	});
});
