import { describe, expect, it } from "vitest";
import type { TicketWithComments } from "./schemas.ts";
import { type TicketRow, ticketOf, untouched } from "./ticket.ts";
import { timelineOf } from "./timeline.ts";

type Status = TicketWithComments["status"];

const row: TicketRow = {
	...untouched,
	id: "tkt_000aaaaaaaaaaaaaaaaaaaaaaaaa",
	created_at: 1000,
	device: "Radio",
	category: "audio",
	priority: "low",
	text: "It hums.",
	availability: null,
};
const at = (n: number) => new Date(n).toISOString();

/** A ticket that has come through these, a second apart. */
function given(statuses: readonly Exclude<Status, "submitted">[], change: Partial<TicketRow> = {}): TicketWithComments {
	const steps = statuses.map((status, i) => ({ status, at: at(2000 + 1000 * i) }));
	const now = {
		status: statuses.at(-1) ?? ("submitted" as const),
		changed_at: statuses.length ? 1000 + 1000 * statuses.length : null,
	};
	return { ...ticketOf({ ...row, ...now, ...change }), steps, comments: [] };
}
const told = (ticket: TicketWithComments) => timelineOf(ticket).map(({ status, state }) => `${state} ${status}`);

describe("the timeline", () => {
	it("of a ticket that was just submitted is all still to come", () => {
		expect(timelineOf(given([]))[0]).toEqual({ status: "submitted", at: at(1000), state: "now", again: false });
		expect(told(given([]))).toEqual([
			"now submitted",
			"ahead received",
			"ahead assigned",
			"ahead accepted",
			"ahead in_progress",
			"ahead resolved",
		]);
	});

	it("has what happened, with its time, then what is, then what comes", () => {
		const ticket = given(["received", "assigned", "accepted"]);

		expect(told(ticket)).toEqual([
			"done submitted",
			"done received",
			"done assigned",
			"now accepted",
			"ahead in_progress",
			"ahead resolved",
		]);
		expect(timelineOf(ticket).map((milestone) => milestone.at)).toEqual([at(1000), at(2000), at(3000), at(4000), null, null]);
	});

	it("has a received one whose steps are not known yet", () => {
		const ticket = { ...given([]), status: "received" as const, changedAt: at(5000) };

		expect(told(ticket).slice(0, 3)).toEqual(["done submitted", "now received", "ahead assigned"]);
		expect(timelineOf(ticket)[1]?.at).toBe(at(5000));
	});

	it("says that it waits for another expert when one had been found", () => {
		const again = (ticket: TicketWithComments) => timelineOf(ticket).flatMap((milestone, i) => (milestone.again ? [i] : []));

		expect(again(given(["received", "assigned", "received"]))).toEqual([3]);
		expect(again(given(["received", "assigned", "resolved", "reopened"]))).toEqual([]);
		expect(again(given(["received", "resolved", "reopened", "assigned", "reopened"]))).toEqual([5]);
	});

	it("of a reopened ticket goes on from where it waits", () => {
		expect(told(given(["received", "resolved", "reopened"])).slice(3)).toEqual([
			"now reopened",
			"ahead assigned",
			"ahead accepted",
			"ahead in_progress",
			"ahead resolved",
		]);
	});

	it.each(["resolved", "cancelled"] as const)("of a %s ticket ends there", (status) => {
		expect(told(given(["received", status]))).toEqual(["done submitted", "done received", `now ${status}`]);
	});

	it("promises nothing while the customer waits to be rid of it", () => {
		expect(told(given(["received", "assigned"], { cancellation_requested_at: 9000 }))).toEqual([
			"done submitted",
			"done received",
			"now assigned",
		]);
	});
});
