import { createExecutionContext, createScheduledController, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type CardBody, CardHolder, cardRejected, cardsPath } from "../../../shared/testing/card-holder.ts";
import { databaseOf, givenCustomer } from "../../../shared/testing/customers.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { days } from "../../../shared/time.ts";
import worker from "../index.ts";

beforeAll(migrateDatabases);
let ada: CardHolder;
beforeEach(async () => {
	ada = new CardHolder(worker, await givenCustomer());
});
afterEach(() => {
	vi.useRealTimers();
});

describe("GET cards", () => {
	it("shows what was submitted, verified or rejected, the newest first", async () => {
		vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
		const cards: CardBody[] = [];
		for (let i = 0; i < 4; i++) {
			vi.setSystemTime(Date.now() + 1);
			cards.push(i === 1 ? await ada.givenVerified() : await ada.givenCard());
		}
		const [first, verified, rejected, removed] = cards;
		await ada.bring(cardRejected(ada.customer.id, rejected?.id ?? "", { reason: "luhn" }));
		await ada.remove(removed?.id ?? "");
		await ada.givenIntent();

		expect(await ada.list()).toEqual([
			{ ...rejected, state: "rejected", reason: "luhn", changedAt: expect.any(String) },
			verified,
			first,
		]);
	});

	it("is the same by pages, also of cards of one moment", async () => {
		vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
		for (let i = 0; i < 5; i++) await ada.givenCard();
		const all = await ada.list();

		const paged: CardBody[] = [];
		let next: string | null = "";
		while (next !== null) {
			const page: { items: CardBody[]; next: string | null } = (
				await ada.browser.get<{ items: CardBody[]; next: string | null }>(`${cardsPath}?limit=2&cursor=${next}`)
			).body;
			paged.push(...page.items);
			next = page.next;
		}

		expect(all).toHaveLength(5);
		expect(paged).toEqual(all);
	});

	it.each(["limit=0", "limit=101", "limit=x", "cursor=x"])("?%s: 422", async (query) => {
		expect(await ada.browser.get(`${cardsPath}?${query}`)).toMatchObject({ status: 422, body: { code: "invalid_field" } });
	});

	it("needs no more than a session: identity is not asked", async () => {
		const away = new CardHolder(worker, ada.customer, {});

		expect(await away.list()).toEqual([]);
		expect(away.identity.asked).toEqual([]);
	});
});

describe("what is of no use any more", () => {
	const prune = async () => {
		const execution = createExecutionContext();
		await worker.scheduled(createScheduledController({ cron: "17 * * * *" }), env, execution);
		await waitOnExecutionContext(execution);
	};

	it("is forgotten when its time has come, and not before; what is of use is kept", async () => {
		vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
		const [open, verified, submitted] = [await ada.givenIntent(), await ada.givenVerified(), await ada.givenCard()];
		const [rejected, removed] = [await ada.givenCard(), await ada.givenCard()];
		await ada.bring(cardRejected(ada.customer.id, rejected.id));
		await ada.remove(removed.id);
		const kept = async () => {
			await prune();
			const { results } = await databaseOf("00")
				.prepare("select id from cards where customer_id = ?")
				.bind(ada.customer.id)
				.all();
			return new Set(results.map(({ id }) => id));
		};
		const began = Date.now();

		vi.setSystemTime(Date.parse(open.expiresAt) + days);
		expect((await kept()).size).toBe(5);
		vi.setSystemTime(Date.now() + 1);
		expect(await kept()).toEqual(new Set([verified.id, submitted.id, rejected.id, removed.id]));
		vi.setSystemTime(began + 90 * days);
		expect((await kept()).size).toBe(4);
		vi.setSystemTime(Date.now() + 1);
		expect(await kept()).toEqual(new Set([verified.id, submitted.id]));
	});
});
