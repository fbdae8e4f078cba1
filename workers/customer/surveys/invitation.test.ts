import { createExecutionContext, createScheduledController, getQueueResult, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { ask, type Customer, givenCustomer } from "../../../shared/testing/customers.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { batchOf } from "../../../shared/testing/messages.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { givenSurvey, someAnswers, surveysPath, surveyTokens, ticketResolved } from "../../../shared/testing/surveys.ts";
import { days, minutes } from "../../../shared/time.ts";
import worker from "../index.ts";
import { surveyLifetime } from "./invitation.ts";

beforeAll(migrateDatabases);

/** Hands messages of sysops to the Worker, as their queue would. */
async function deliver(...messages: string[]): Promise<void> {
	const batch = batchOf("ticket-updates", messages);
	const execution = createExecutionContext();
	await worker.queue(batch, env, execution);
	expect((await getQueueResult(batch, execution)).explicitAcks).toHaveLength(messages.length);
}

const surveysOf = ({ id, database }: Customer) => rowsOf(database, "select * from surveys where customer_id = ? order by id", id);
const idOf = (ticketId: string, resolution: number) => `srv_${ticketId.slice(4)}_${resolution}`;

describe("a ticket that was resolved", () => {
	it.each(["00", "01"])("is asked about for 30 days, once for each resolution (shard %s)", async (shard) => {
		const [customer, ticketId] = [await givenCustomer({ shard }), newId("tkt", shard)];
		const changedAt = Date.now() - 5 * minutes;
		const earliest = Date.now() + 30 * days;

		await deliver(await ticketResolved(customer.id, ticketId, { changedAt }));
		await deliver(await ticketResolved(customer.id, ticketId, { resolution: 2, expert: null, version: changedAt + 1 }));

		const [first, second, ...others] = await surveysOf(customer);
		expect(others).toEqual([]);
		const of = { customer_id: customer.id, ticket_id: ticketId, category: "television", region: "south", answered_at: null };
		const expert = { expert_id: "exp_000aaaaaaaaaaaaaaaaaaaaaaaaa", expert_name: "Mary Example" };
		expect(first).toMatchObject({ ...of, ...expert, id: idOf(ticketId, 1), resolved_at: changedAt, answer_key: null });
		expect(second).toMatchObject({ ...of, id: idOf(ticketId, 2), expert_id: null, expert_name: null });
		for (const survey of [first, second]) {
			expect(survey?.["expires_at"]).toBeGreaterThanOrEqual(earliest);
			expect(survey?.["expires_at"]).toBeLessThanOrEqual(Date.now() + surveyLifetime);
		}
	});

	it("can be answered by a token of its survey, also while another resolution waits", async () => {
		const [customer, ticketId] = [await givenCustomer(), newId("tkt", "00")];
		const now = Date.now();
		await deliver(await ticketResolved(customer.id, ticketId, { resolution: 2, version: now }));
		await deliver(await ticketResolved(customer.id, ticketId, { resolution: 1, version: now - 1 })); // overtaken

		for (const resolution of [1, 2]) {
			const token = await surveyTokens.sign({ surveyId: idOf(ticketId, resolution), expiresAt: now + days });
			const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(someAnswers) };
			expect((await ask(`${surveysPath}/${token}`, init)).status).toBe(202);
		}
	});

	it("is not asked about again by a repetition, not even after the inbox has forgotten, nor once it is answered", async () => {
		const [customer, ticketId] = [await givenCustomer(), newId("tkt", "00")];
		const message = await ticketResolved(customer.id, ticketId);
		await deliver(message, message);
		await customer.database
			.prepare("update surveys set answered_at = 7, answer_key = 'k' where customer_id = ?")
			.bind(customer.id)
			.run();
		const before = await surveysOf(customer);

		await deliver(message);
		await customer.database.prepare("delete from inbox").run();
		await deliver(message);

		expect(before).toHaveLength(1);
		expect(await surveysOf(customer)).toEqual(before);
	});

	it.each(["in_progress", "reopened", "cancelled"] as const)("is, and one that is %s is not", async (status) => {
		const customer = await givenCustomer();

		await deliver(await ticketResolved(customer.id, newId("tkt", "00"), { status }));
		expect(await surveysOf(customer)).toEqual([]);
		await deliver(await ticketResolved(customer.id, newId("tkt", "00")));
		expect(await surveysOf(customer)).toHaveLength(1);
	});

	it("so long ago that its survey would be over is not asked about any more", async () => {
		const customer = await givenCustomer();
		const [late, tooLate] = [Date.now() - surveyLifetime + minutes, Date.now() - surveyLifetime - minutes];

		await deliver(await ticketResolved(customer.id, newId("tkt", "00"), { changedAt: tooLate }));
		expect(await surveysOf(customer)).toEqual([]);
		await deliver(await ticketResolved(customer.id, newId("tkt", "00"), { changedAt: late }));
		expect(await surveysOf(customer)).toHaveLength(1);
	});

	it("for a time that no survey can be named after is not asked about", async () => {
		const customer = await givenCustomer();

		for (const resolution of [0, 10_000]) await deliver(await ticketResolved(customer.id, newId("tkt", "00"), { resolution }));
		expect(await surveysOf(customer)).toEqual([]);
		await deliver(await ticketResolved(customer.id, newId("tkt", "00"), { resolution: 9999 }));
		expect(await surveysOf(customer)).toHaveLength(1);
	});

	it("of an erased customer is not asked about", async () => {
		const customer = await givenCustomer();
		await customer.database.prepare("insert into erased_customers values (?, 1)").bind(customer.id).run();

		await deliver(await ticketResolved(customer.id, newId("tkt", "00")));

		expect(await surveysOf(customer)).toEqual([]);
	});
});

it("surveys are pruned 90 days after they were over", async () => {
	const [kept, gone] = [await givenSurvey({ expiresIn: -89 * days }), await givenSurvey({ expiresIn: -91 * days })];
	const execution = createExecutionContext();

	await worker.scheduled(createScheduledController({ cron: "17 * * * *" }), env, execution);
	await waitOnExecutionContext(execution);

	const ids = (await rowsOf(kept.database, "select id from surveys")).map(({ id }) => id);
	expect(ids).toContain(kept.id);
	expect(ids).not.toContain(gone.id);
});
