import { beforeAll, describe, expect, it } from "vitest";
import { type Customer, givenCustomer, givenTicket, type TicketBody, ticketsPath } from "../../../shared/testing/customers.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";

beforeAll(migrateDatabases);

interface Page {
	items: TicketBody[];
	next: string | null;
}

/** Tickets created at these times, in the order given. */
async function givenTicketsAt(customer: Customer, times: readonly number[]): Promise<string[]> {
	const ids = times.map(() => newId("tkt", customer.shard));
	const text = `insert into tickets (id, customer_id, status, created_at, device, category, priority, text, request_digest)
		values (?, ?, 'submitted', ?, 'Radio', 'audio', 'low', 'It hums.', '')`;
	await customer.database.batch(ids.map((id, i) => customer.database.prepare(text).bind(id, customer.id, times[i])));
	return ids;
}

/** All pages, from the first to the one without a next. */
async function walk(customer: Customer, limit: number): Promise<Page[]> {
	const pages: Page[] = [];
	let next: string | null = "";
	while (next !== null && pages.length < 20) {
		const page: Page = (await customer.get<Page>(`${ticketsPath}?limit=${limit}&cursor=${encodeURIComponent(next)}`)).body;
		pages.push(page);
		next = page.next;
	}
	return pages;
}

describe("GET tickets", () => {
	it("is an empty page for a customer without tickets", async () => {
		const answer = await (await givenCustomer()).get<Page>(ticketsPath);

		expect(answer).toMatchObject({ status: 200, body: { items: [], next: null } });
	});

	it("pages through all tickets, the newest first, each once", async () => {
		const customer = await givenCustomer();
		const ids = await givenTicketsAt(customer, [1000, 2000, 3000, 4000, 5000]);

		const pages = await walk(customer, 2);

		expect(pages.map(({ items }) => items.map(({ id }) => id))).toEqual([[ids[4], ids[3]], [ids[2], ids[1]], [ids[0]]]);
		expect(pages.at(-1)?.next).toBeNull();
		expect(pages[0]?.items[0]).toEqual({
			id: ids[4],
			status: "submitted",
			createdAt: "1970-01-01T00:00:05.000Z",
			device: "Radio",
			category: "audio",
			priority: "low",
			text: "It hums.",
			changedAt: null,
			availability: null,
			expert: null,
			visit: null,
			note: null,
			resolutions: 0,
			cancellationRequestedAt: null,
			reopenRequestedAt: null,
			reopenableUntil: null,
		});
	});

	it("has no next page after a last page that is full", async () => {
		const customer = await givenCustomer();
		await givenTicketsAt(customer, [1000, 2000]);

		expect((await customer.get<Page>(`${ticketsPath}?limit=2`)).body.next).toBeNull();
	});

	it("is stable under equal times: by id then, each ticket once", async () => {
		const customer = await givenCustomer();
		const ids = await givenTicketsAt(customer, Array(7).fill(1000));

		const pages = await walk(customer, 3);

		expect(pages.flatMap(({ items }) => items.map(({ id }) => id))).toEqual([...ids].sort().reverse());
		expect(await walk(customer, 3)).toEqual(pages);
	});

	it("does not shift when a new ticket comes in between two pages", async () => {
		const customer = await givenCustomer();
		const ids = await givenTicketsAt(customer, [1000, 2000, 3000]);
		const first = (await customer.get<Page>(`${ticketsPath}?limit=2`)).body;

		await givenTicket(customer);

		const second = (await customer.get<Page>(`${ticketsPath}?limit=2&cursor=${first.next}`)).body;
		expect(second.items.map(({ id }) => id)).toEqual([ids[0]]);
	});

	it("has 20 tickets on a page unless told, and 100 at most", async () => {
		const customer = await givenCustomer();
		await givenTicketsAt(
			customer,
			Array.from({ length: 101 }, (_, i) => i),
		);

		expect((await customer.get<Page>(ticketsPath)).body.items).toHaveLength(20);
		expect((await customer.get<Page>(`${ticketsPath}?limit=100`)).body.items).toHaveLength(100);
	});

	it.each([
		["no base64", "cursor=%"],
		["no JSON", `cursor=${btoa("page two")}`],
		["another JSON", `cursor=${btoa('{"at":1,"id":"a"}')}`],
		["a time that is none", `cursor=${btoa('["1","a"]')}`],
		["too much of it", `cursor=${btoa('[1,"a",2]')}`],
		["half a surrogate pair", `cursor=${btoa('[1,"\\ud800"]')}`],
		["a time beyond all times", `cursor=${btoa('[1e300,"a"]')}`],
		["a long one", `cursor=${"A".repeat(300)}`],
		["limit 0", "limit=0"],
		["limit 101", "limit=101"],
		["limit -1", "limit=-1"],
		["limit 1.5", "limit=1.5"],
		["an empty limit", "limit="],
	])("answers 422 for %s", async (_, query) => {
		const answer = await (await givenCustomer()).get(`${ticketsPath}?${query}`);

		expect(answer).toMatchObject({ status: 422, body: { code: "invalid_field" } });
		expect(answer.body.errors?.[0]?.field).toBe(query.split("=")[0]);
	});
});

describe("GET tickets/{id}", () => {
	it("shows the ticket with its comments in the order of time", async () => {
		const customer = await givenCustomer();
		const ticket = await givenTicket(customer);
		for (const text of ["first", "second", "third"]) {
			await customer.post(`${ticketsPath}/${ticket.id}/comments`, { text });
			await new Promise((resolve) => setTimeout(resolve, 2)); // comments of one millisecond sort by id
		}

		const { status, body } = await customer.get<TicketBody>(`${ticketsPath}/${ticket.id}`);

		expect(status).toBe(200);
		expect(body).toMatchObject(ticket);
		expect(body.comments?.map(({ text }) => text)).toEqual(["first", "second", "third"]);
	});

	it.each(["tkt_00", "nonsense", "tkt_0000000000000000000000000g0", "%00", "%E0%A4%A", "TKT_00"])(
		"answers 404 for %s",
		async (id) => {
			const answer = await (await givenCustomer()).get(`${ticketsPath}/${id}`);

			expect(answer).toMatchObject({ status: 404, body: { code: "not_found" } });
		},
	);
});
