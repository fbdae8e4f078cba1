import { beforeAll, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import {
	type Answer,
	type Customer,
	databaseOf,
	givenCustomer,
	givenTicket,
	type ProblemBody,
	type TicketBody,
	ticketsPath,
} from "../../../shared/testing/customers.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { bring, statusChanged } from "../../../shared/testing/updates.ts";
import worker from "../index.ts";

beforeAll(migrateDatabases);

/** Every route with an id in its path. */
const routes: Record<string, (customer: Customer, id: string) => Promise<Answer<ProblemBody>>> = {
	"GET tickets/{id}": (customer, id) => customer.get(`${ticketsPath}/${id}`),
	"POST tickets/{id}/comments": (customer, id) => customer.post(`${ticketsPath}/${id}/comments`, { text: "Mine?" }),
	"POST tickets/{id}/reopening": (customer, id) => customer.post(`${ticketsPath}/${id}/reopening`, { text: "Again?" }),
	"POST tickets/{id}/cancellation": (customer, id) => customer.post(`${ticketsPath}/${id}/cancellation`, {}),
};

it.each(
	Object.keys(routes).flatMap((route) => [
		{ route, mine: "00", theirs: "00" },
		{ route, mine: "01", theirs: "01" },
		{ route, mine: "00", theirs: "01" },
		{ route, mine: "01", theirs: "00" },
	]),
)("row 1: $route of another customer ($mine asks, $theirs owns) is answered as if absent", async ({ route, mine, theirs }) => {
	const [me, owner] = [await givenCustomer({ shard: mine }), await givenCustomer({ shard: theirs })];
	const ticket = await givenTicket(owner);
	await owner.post(`${ticketsPath}/${ticket.id}/comments`, { text: "Only for me." });
	if (route.endsWith("reopening")) await bring(worker, statusChanged(owner.id, ticket.id, { status: "resolved" }));
	const before = await contentsOf(databaseOf("00"), databaseOf("01"));

	const answer = await routes[route]?.(me, ticket.id);
	const absent = await routes[route]?.(me, newId("tkt", theirs));

	expect(answer).toMatchObject({ status: 404, body: { code: "not_found" } });
	expect([answer?.status, answer?.text]).toEqual([absent?.status, absent?.text]);
	expect(await contentsOf(databaseOf("00"), databaseOf("01"))).toEqual(before);
	expect((await owner.get<TicketBody>(`${ticketsPath}/${ticket.id}`)).body.comments).toHaveLength(1);
});

it("row 1: a list shows the tickets of its own customer only, whatever cursor it is asked with", async () => {
	const [me, other] = [await givenCustomer(), await givenCustomer()];
	const mine = await givenTicket(me);
	for (let i = 0; i < 2; i++) await givenTicket(other);
	const page = (await other.get<{ next: string }>(`${ticketsPath}?limit=1`)).body;

	for (const query of ["", `?cursor=${page.next}`, `?customerId=${other.id}`]) {
		const { body } = await me.get<{ items: TicketBody[] }>(ticketsPath + query);
		expect(body.items.every(({ id }) => id === mine.id)).toBe(true);
	}
	expect((await me.get<{ items: TicketBody[] }>(ticketsPath)).body.items).toEqual([mine]);
});
