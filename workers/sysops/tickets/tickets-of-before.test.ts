import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { ticketRow } from "../../../shared/testing/desk.ts";
import { newId, someCustomer } from "../../../shared/testing/fixtures.ts";

/** The last one without experts, visits and a search. */
const before = 2;

it("tickets of before there were experts are found, wait in their region, and are pruned one day", async () => {
	await reset();
	await applyD1Migrations(env.SYSOPS_DB, env.SYSOPS_MIGRATIONS.slice(0, before));
	const customer = JSON.stringify({ ...someCustomer, name: "ÉMILE Example", phone: "+44 (20) 7946-0123" });
	const insert = (status: string, wish: number | null) => {
		const id = newId("tkt", "00");
		const text = `insert into tickets (id, customer_id, status, submitted_at, received_at, device, category, priority, text,
			customer, cancellation_requested_at) values (?, ?, ?, 1000, 2000, 'TV', 'television', 'normal', 'Dark.', ?, ?)`;
		return env.SYSOPS_DB.prepare(text)
			.bind(id, newId("cus", "00"), status, customer, wish)
			.run()
			.then(() => id);
	};
	const [waiting, late, early] = [await insert("queued", null), await insert("cancelled", 3000), await insert("cancelled", 1500)];

	await applyD1Migrations(env.SYSOPS_DB, env.SYSOPS_MIGRATIONS);

	const all = { region: someCustomer.region, customer_name: "émile example", customer_phone: "442079460123", opened_at: 1000 };
	const row = await ticketRow(waiting);
	expect(row).toMatchObject({ ...all, status: "queued", changed_at: 2000, closings: 0, closed_at: null });
	expect(JSON.parse(String(row?.["steps"]))).toEqual([{ status: "received", at: 2000 }]);
	expect(await ticketRow(late)).toMatchObject({ ...all, changed_at: 3000, closings: 1, closed_at: 3000 });
	const cancelled = await ticketRow(early);
	expect(cancelled).toMatchObject({ ...all, changed_at: 2000, closings: 1, closed_at: 2000 });
	expect(JSON.parse(String(cancelled?.["steps"]))).toEqual([
		{ status: "received", at: 2000 },
		{ status: "cancelled", at: 2000 },
	]);
});
