import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { topology } from "../../shared/events/topology.ts";
import { newEvent } from "../../shared/messaging/envelope.ts";
import { contentsOf } from "../../shared/testing/contents.ts";
import { rowsOf } from "../../shared/testing/database.ts";
import { type Expert, givenExpert, givenTicketAt, ticketRow, toldOf, visitsOf } from "../../shared/testing/desk.ts";
import { customerId, newId } from "../../shared/testing/fixtures.ts";
import { readMessage, sentTo, signAs } from "../../shared/testing/forge.ts";
import { createQuanta, type Quanta } from "../../shared/testing/quanta.ts";
import { days, hours, minutes } from "../../shared/time.ts";
import { sysops } from "../../workers/sysops/quantum.ts";

let quanta: Quanta;
let mary: Expert;
const ada = customerId("01");
beforeEach(async () => {
	quanta = createQuanta(topology);
	mary = await givenExpert();
});

/** A ticket of Ada's, which Mary has or had in hand, resolved for the first time an hour ago if at all. */
const given = (status: string, more: Readonly<Record<string, string | number | null>> = {}) => {
	const closed = status === "resolved" || status === "cancelled" ? { closed_at: quanta.now - hours, note: "A fuse." } : {};
	return givenTicketAt(status, status === "queued" ? undefined : mary, { customer_id: ada, ...closed, ...more });
};

function event(type: string, data: object, subject = ada): Promise<string> {
	return signAs("customer", newEvent(quanta.ctx("customer"), "01", { type, subject, data }), sentTo("sysops", quanta.now));
}
const cancel = (ticketId: string, requestedAt = quanta.now) => event("TicketCancellationRequested", { ticketId, requestedAt });
const reopen = (ticketId: string, { resolution = 1, requestedAt = quanta.now, text = "Dark again." } = {}) =>
	event("TicketReopenRequested", { ticketId, requestedAt, resolution, commentId: newId("cmt", "01"), text });
const comment = (ticketId: string, commentedAt = quanta.now) =>
	event("TicketCommented", { ticketId, commentId: newId("cmt", "01"), commentedAt, text: "Hello?" });
const toSysops = (...messages: string[]) => quanta.deliver(sysops, "tickets", messages);
const verdicts = () =>
	quanta
		.take("receipts-customer")
		.flatMap((token) => (readMessage(token).event["data"] as { receipts: object[] }).receipts) // our own receipts
		.map((receipt) => ("reason" in receipt ? receipt.reason : "accepted"));
const textsOf = async (id: string) =>
	(await rowsOf<{ text: string }>(env.SYSOPS_DB, "select text from comments where ticket_id = ?", id)).map(({ text }) => text);

describe("a wish to cancel", () => {
	it.each(["queued", "assigned", "accepted"])(
		"of what is %s is fulfilled: nobody comes, customer and reports are told",
		async (status) => {
			const id = await given(status, { waiting_reason: status === "queued" ? "no_time" : null });

			await toSysops(await cancel(id));

			const now = { closed_at: quanta.now, cancellation_requested_at: quanta.now };
			expect(await ticketRow(id)).toMatchObject({ status: "cancelled", closings: 1, waiting_reason: null, ...now });
			expect(await visitsOf(id)).toEqual([]);
			const [changed, fact, ...others] = await toldOf(id);
			expect(others).toEqual([]);
			expect(changed).toMatchObject({ type: "TicketStatusChanged", subject: ada, data: { status: "cancelled" } });
			expect(fact).toMatchObject({ type: "TicketClosed", data: { outcome: "cancelled", closing: 1 } });
		},
	);

	it.each(["in_progress", "resolved"])("of what is %s is noted, and nothing else happens", async (status) => {
		const id = await given(status);
		const before = await ticketRow(id);

		await toSysops(await cancel(id));

		expect(await ticketRow(id)).toEqual({ ...before, cancellation_requested_at: quanta.now });
		expect(await visitsOf(id)).toHaveLength(1);
		expect(await toldOf(id)).toEqual([]);
	});

	it("of what is cancelled already tells nobody again", async () => {
		const id = await given("queued");
		await toSysops(await cancel(id));
		const [before, told] = [await ticketRow(id), await toldOf(id)];

		await toSysops(await cancel(id, quanta.now - 1), await cancel(id, quanta.now + 1));

		expect(await ticketRow(id)).toEqual({ ...before, cancellation_requested_at: quanta.now + 1 });
		expect(await toldOf(id)).toEqual(told);
	});

	it("that is older than the one that was noted, and comes later, is not noted", async () => {
		const id = await given("in_progress");
		await toSysops(await cancel(id));

		await toSysops(await cancel(id, quanta.now - 1));

		expect(await ticketRow(id)).toMatchObject({ status: "in_progress", cancellation_requested_at: quanta.now });
	});

	it("said twice in one batch cancels once, is told once, and the newest is noted", async () => {
		const id = await given("assigned");

		await toSysops(await cancel(id, quanta.now - 5), await cancel(id), await cancel(id, quanta.now - 9));

		expect(await ticketRow(id)).toMatchObject({ closings: 1, cancellation_requested_at: quanta.now });
		expect((await toldOf(id)).map(({ type }) => type)).toEqual(["TicketStatusChanged", "TicketClosed"]);
	});
});

describe("a wish to reopen", () => {
	it("within the time lets the ticket wait again, as new, and the customer is told", async () => {
		const id = await given("resolved", { cancellation_requested_at: quanta.now - 2 * hours });
		const before = await ticketRow(id);

		await toSysops(await reopen(id));

		const nobody = { expert_id: null, expert_name: null, visit_from: null, visit_to: null, assigned_at: null };
		expect(await ticketRow(id)).toMatchObject({
			...{ status: "queued", opened_at: quanta.now, rework_of: mary.id, reopen_requested_at: quanta.now, ...nobody },
			...{ note: null, closed_at: null, cancellation_requested_at: null, resolutions: 1, closings: 1 },
			submitted_at: before?.["submitted_at"],
		});
		expect(await visitsOf(id)).toEqual([]);
		expect(await textsOf(id)).toEqual(["Dark again."]);
		const data = { status: "reopened", expert: null, visit: null, note: null, resolutions: 1 };
		const steps = [{ status: "received" }, { status: "reopened", at: quanta.now }];
		expect(await toldOf(id)).toMatchObject([{ type: "TicketStatusChanged", subject: ada, data: { ...data, steps } }]);
	});

	it.each(["queued", "assigned", "accepted", "in_progress", "cancelled"])("of what is %s is only a comment", async (status) => {
		const id = await given(status, { resolutions: 1 });
		const [before, visits] = [await ticketRow(id), await visitsOf(id)];

		await toSysops(await reopen(id));

		expect(await ticketRow(id)).toEqual(before);
		expect(await visitsOf(id)).toEqual(visits);
		expect(await textsOf(id)).toEqual(["Dark again."]);
		expect(await toldOf(id)).toEqual([]);
		expect(verdicts()).toEqual(["accepted"]);
	});

	it.each([
		["about an earlier resolution", { resolution: 1 }, { resolutions: 2 }],
		["about one that is not known here", { resolution: 2 }, {}],
		["15 days after", {}, { closed_at: Date.UTC(2026, 10, 2, 12) - 14 * days - 1 }],
	])("%s is only a comment", async (_, wish, more) => {
		const id = await given("resolved", more);
		const before = await ticketRow(id);

		await toSysops(await reopen(id, wish));

		expect(await ticketRow(id)).toEqual(before);
		expect(await textsOf(id)).toEqual(["Dark again."]);
	});

	it("to the millisecond 14 days after, however late it arrives, is granted", async () => {
		const requestedAt = quanta.now;
		const id = await given("resolved", { closed_at: quanta.now - 14 * days });
		quanta.now += 20 * days;

		await toSysops(await reopen(id, { requestedAt }));

		expect(await ticketRow(id)).toMatchObject({ status: "queued", opened_at: quanta.now, reopen_requested_at: requestedAt });
	});

	it("that comes twice, or after the inbox has forgotten it, happens once", async () => {
		const id = await given("resolved");
		const wish = await reopen(id);
		await toSysops(wish, wish);
		const [before, told] = [await ticketRow(id), await toldOf(id)];

		await toSysops(wish);
		await env.SYSOPS_DB.exec("delete from inbox");
		quanta.now += 5;
		await toSysops(wish);

		expect(await ticketRow(id)).toEqual(before);
		expect(await toldOf(id)).toEqual(told);
		expect(told).toHaveLength(1);
		expect(await textsOf(id)).toHaveLength(1);
	});

	it("said twice in one batch is granted once and told once, and both texts are kept", async () => {
		const id = await given("resolved");

		await toSysops(await reopen(id, { text: "Dark.", requestedAt: quanta.now - 1 }), await reopen(id, { text: "Still dark." }));

		expect((await textsOf(id)).sort()).toEqual(["Dark.", "Still dark."]);
		expect(await toldOf(id)).toHaveLength(1);
		expect(await ticketRow(id)).toMatchObject({ reopen_requested_at: quanta.now });
	});

	it("rises over a version of the future: the clock may go back", async () => {
		const id = await given("resolved", { version: quanta.now + 1000 });
		await toSysops(await reopen(id));
		expect(await ticketRow(id)).toMatchObject({ version: quanta.now + 1001 });
	});
});

describe("reordered", () => {
	it("an older wish to cancel that comes after the reopening is spent", async () => {
		const id = await given("resolved");
		const wish = await cancel(id, quanta.now - minutes);
		await toSysops(await reopen(id));

		await toSysops(wish);

		expect(await ticketRow(id)).toMatchObject({ status: "queued", cancellation_requested_at: null });
	});

	it.each(["before", "together with"])(
		"a newer wish to cancel that comes %s the reopening is fulfilled after it",
		async (when) => {
			const id = await given("resolved");
			const [newer, wish] = [await cancel(id, quanta.now), await reopen(id, { requestedAt: quanta.now - minutes })];

			if (when === "before") {
				await toSysops(newer);
				await toSysops(wish);
			} else await toSysops(wish, newer);

			expect(await ticketRow(id)).toMatchObject({ status: "cancelled", closings: 2, cancellation_requested_at: quanta.now });
			const [changed, fact, ...others] = await toldOf(id);
			expect(others).toEqual([]);
			const steps = [{ status: "received" }, { status: "reopened" }, { status: "cancelled" }];
			expect(changed?.data).toMatchObject({ status: "cancelled", steps });
			expect(fact?.data).toMatchObject({ closing: 2, outcome: "cancelled", openedAt: quanta.now, reworkOf: mary.id });
		},
	);

	it("a cancellation in the same batch as a wish to reopen what was never resolved happens once and is told once", async () => {
		const id = await given("assigned");

		await toSysops(await reopen(id), await cancel(id));

		const row = await ticketRow(id);
		expect(row).toMatchObject({ status: "cancelled", closings: 1 });
		const [changed, fact, ...others] = await toldOf(id);
		expect(others).toEqual([]);
		expect(changed).toMatchObject({ type: "TicketStatusChanged", version: String(row?.["version"]) });
		expect(fact).toMatchObject({ type: "TicketClosed", data: { closing: 1 } });
	});
});

describe("about a ticket that is not here", () => {
	const kinds = { comment, cancel, reopen: (id: string, requestedAt: number) => reopen(id, { requestedAt }) };

	it.each(Object.entries(kinds))("a %s of a year ago can never be accepted; a younger one waits", async (_, make) => {
		const id = newId("tkt", "01");

		expect(await toSysops(await make(id, quanta.now - 365 * days))).toEqual({ acknowledged: [0], retried: [] });
		expect(verdicts()).toEqual(["ticket_gone"]);
		expect(await toSysops(await make(id, quanta.now - 365 * days + 1))).toEqual({ acknowledged: [0], retried: [] });
		expect(verdicts()).toEqual([]);
		expect(await rowsOf(env.SYSOPS_DB, "select * from comments")).toEqual([]);
	});

	it.each(Object.entries(kinds))("an old %s about one that is here is like any other", async (_, make) => {
		await toSysops(await make(await given("in_progress"), quanta.now - 85 * days));
		expect(verdicts()).toEqual(["accepted"]);
	});

	it.each(Object.entries(kinds))(
		"or is somebody else's: a %s is rejected, whatever its age, and changes nothing",
		async (_, make) => {
			const id = await given("resolved", { customer_id: customerId("01", "b") });
			const contents = async () => {
				const [all] = await contentsOf(env.SYSOPS_DB);
				return { ...all, inbox: [] };
			};
			const before = await contents();

			await toSysops(await make(id, quanta.now), await make(id, quanta.now - 85 * days));

			expect(verdicts()).toEqual(["other_customer", "other_customer"]);
			expect(await contents()).toEqual(before);
		},
	);
});
