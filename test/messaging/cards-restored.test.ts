import { beforeEach, expect, it } from "vitest";
import { relay } from "../../shared/messaging/relay.ts";
import { rowsOf } from "../../shared/testing/database.ts";
import { newId } from "../../shared/testing/fixtures.ts";
import { CardsAtBilling, isRemoved, stands } from "./cards-at-billing.ts";

const texts: Record<string, string> = import.meta.glob("../../scripts/removed-cards.sql", {
	query: "?raw",
	import: "default",
	eager: true,
});
const removedCards = Object.values(texts).join("");

let cards: CardsAtBilling;
beforeEach(() => {
	cards = new CardsAtBilling();
});

/** The card as its customer's shard has it. */
async function givenAtCustomer(id: string, subject: string | undefined, state: "verified" | "removed"): Promise<void> {
	const own = { id, customer_id: subject ?? "", state, nonce: "n", kid: "k", expires_at: 1, created_at: 1, submitted_at: 2 };
	const row = { ...own, changed_at: 1_700_000_000_123 };
	await cards.quanta.databases.customer00
		.prepare(`insert into cards (${Object.keys(row).join(", ")}) values (${Object.keys(row).map(() => "?")})`)
		.bind(...Object.values(row))
		.run();
}

/** What whoever follows the runbook does, and what the relay makes of it. */
async function tellAgain(): Promise<string[]> {
	const { quanta } = cards;
	await quanta.databases.customer00.prepare(removedCards).run();
	await relay(quanta.ctx("customer"));
	await quanta.settled();
	return quanta.take("billing-info");
}

it("a card that its customer had removed leaves the vault again when billing was put back to before that", async () => {
	const [removed, kept] = [await cards.submit(), await cards.submit({ pan: "5555555555554444" })];
	await cards.deliver(removed.message, kept.message); // as it is once more after the restore
	await givenAtCustomer(removed.cardId, removed.event.subject, "removed");
	await givenAtCustomer(kept.cardId, kept.event.subject, "verified");

	const messages = await tellAgain();
	await cards.deliver(...messages);

	expect(messages).toHaveLength(1);
	expect(await cards.rows()).toEqual(expect.arrayContaining([isRemoved(removed.cardId), stands(kept.cardId)]));
	expect(await cards.sealed()).toEqual([kept.cardId]);
	expect(await rowsOf(cards.quanta.databases.customer00, "select parked_reason from outbox")).toEqual([{ parked_reason: null }]);
});

it("following it twice, or for a card of which billing has never heard, does no harm", async () => {
	const unknown = newId("crd", "00");
	await givenAtCustomer(unknown, (await cards.submit()).event.subject, "removed");

	const messages = [...(await tellAgain()), ...(await tellAgain())];
	await cards.deliver(...messages);

	expect(await cards.rows()).toEqual([isRemoved(unknown)]);
	expect(await rowsOf(cards.quanta.databases.customer00, "select 1 from outbox")).toHaveLength(1);
});
