import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bringFromBilling, paymentFailed, paymentRecovered } from "../../../shared/testing/billing-says.ts";
import { givenCard } from "../../../shared/testing/card-rows.ts";
import { type Customer, givenCustomer } from "../../../shared/testing/customers.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { type Visitor, visitorOf } from "../../../shared/testing/pages.ts";
import worker from "../index.ts";

beforeAll(migrateDatabases);
let ada: Customer;
let visitor: Visitor;
beforeEach(async () => {
	ada = await givenCustomer();
	await givenCard(ada, { createdAt: 1 });
	visitor = visitorOf(worker, ada);
});

const failed = (change: Parameters<typeof paymentFailed>[1] = {}) => bringFromBilling(worker, paymentFailed(ada.id, change));
/** What stands in the notice, without the marks; undefined while there is none. */
const notice = async (path: string, of = visitor) => {
	const [, html] = /<div class="message warning" role="status">(<h2>A payment.*?)<\/div>/s.exec((await of.get(path)).text) ?? [];
	return html
		?.replaceAll(/<[^>]*>/g, " ")
		.replaceAll(/\s+/g, " ")
		.trim();
};

describe.each(["/", "/plan"])("a payment that has failed, at %s,", (path) => {
	it.each([
		[
			{ nextAttemptAt: Date.UTC(2026, 9, 27) },
			"€11.90 for 23 October 2026 – 22 November 2026 : Your bank declined your card: there was not enough money. We try again on 27 October 2026 , or as soon as you enter another card. Enter another card",
		],
		[
			{ reason: "no_card", nextAttemptAt: null },
			"€11.90 for 23 October 2026 – 22 November 2026 : There was no card that could be charged. We charge it as soon as you add one. Add a card",
		],
		[
			{ reason: "card_declined", nextAttemptAt: null },
			"€11.90 for 23 October 2026 – 22 November 2026 : Your bank declined your card. We do not charge this card again. Enter another one, and we charge that. Enter another card",
		],
		[
			{ reason: "card_expired", nextAttemptAt: null },
			"€11.90 for 23 October 2026 – 22 November 2026 : Your card has expired. We do not charge this card again. Enter another one, and we charge that. Enter another card",
		],
	] as const)("is told with what can be done (%j)", async (change, words) => {
		await failed(change);

		expect(await notice(path)).toBe(`A payment for your plan has failed ${words}`);
		expect((await visitor.get(path)).text).toContain('<a class="button" href="/cards/new">');
	});

	it("asks for no card once there is another one", async () => {
		await failed({ failedAt: 5000 });
		await givenCard(ada, { state: "submitted", createdAt: 6000 });

		expect(await notice(path)).toMatch(/We charge the card that you have entered since, once it has been checked\.$/);
	});

	it("is not told any more when it has recovered, nor to anybody else", async () => {
		await failed({ version: 1 });
		expect(await notice(path, visitorOf(worker, await givenCustomer()))).toBeUndefined();
		await bringFromBilling(worker, paymentRecovered(ada.id, { version: 2 }));

		expect(await notice(path)).toBeUndefined();
	});

	it("is told of the three newest periods at most", async () => {
		for (let month = 0; month < 4; month++) {
			await failed({ period: { from: Date.UTC(2026, month, 10), to: Date.UTC(2026, month + 1, 10) } });
		}

		const words = await notice(path);

		expect(words).toContain("10 April 2026");
		expect(words).toContain("10 February 2026");
		expect(words).not.toContain("10 January 2026");
	});
});

it("stands on the page of the plan after that has ended, too", async () => {
	const former = await givenCustomer({ plan: { startsIn: -2000, endsIn: -1000 } });
	await bringFromBilling(worker, paymentFailed(former.id));

	expect(await notice("/plan", visitorOf(worker, former))).toContain("A payment for your plan has failed");
});
