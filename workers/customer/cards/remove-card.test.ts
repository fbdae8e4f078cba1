import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { CardHolder, cardRejected, cardVerified } from "../../../shared/testing/card-holder.ts";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { eventsOf, givenCustomer, outboxOf } from "../../../shared/testing/customers.ts";
import { refusing } from "../../../shared/testing/fake-identity.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
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

describe("DELETE cards/{id}", () => {
	it.each(["submitted", "verified", "rejected"])("takes a %s card off the list, and tells billing", async (state) => {
		const { id } = await ada.givenCard();
		if (state === "verified") await ada.bring(cardVerified(ada.customer.id, id));
		if (state === "rejected") await ada.bring(cardRejected(ada.customer.id, id));
		const before = await eventsOf(ada.customer);
		vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 1 });

		const answer = await ada.remove(id);

		expect(answer).toMatchObject({ status: 204, text: "" });
		expect(await ada.list()).toEqual([]);
		const [event, ...others] = (await eventsOf(ada.customer)).slice(before.length);
		expect(others).toEqual([]);
		expect(event).toMatchObject({
			type: "CardRemoved",
			subject: ada.customer.id,
			data: { cardId: id, removedAt: Date.now() },
		});
		expect(await ada.row(id)).toMatchObject({ state: "removed", reason: null, prunable_at: Date.now() + 90 * days });
	});

	it("again is 204 and changes nothing", async () => {
		const { id } = await ada.givenCard();
		await ada.remove(id);
		const before = await contentsOf(ada.customer.database);

		expect((await ada.remove(id)).status).toBe(204);

		expect(await contentsOf(ada.customer.database)).toEqual(before);
	});

	it("of five at once tells billing once", async () => {
		const { id } = await ada.givenCard();

		const answers = await Promise.all(Array.from({ length: 5 }, () => ada.remove(id)));

		expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204]);
		expect((await outboxOf(ada.customer)).map(({ type }) => type)).toEqual(["CardSubmitted", "CardRemoved"]);
	});

	it("of an intent calls it off, and keeps it no longer than it would have been kept", async () => {
		const { cardId, expiresAt } = await ada.givenIntent();

		expect((await ada.remove(cardId)).status).toBe(204);

		expect(await ada.row(cardId)).toMatchObject({ state: "removed", prunable_at: Date.parse(expiresAt) + days });
	});

	it("of one that never was, or is gone: 404", async () => {
		const { id } = await ada.givenCard();
		await ada.customer.database.prepare("delete from cards where id = ?").bind(id).run();

		for (const absent of [id, newId("crd", "00"), newId("crd", "01"), newId("tkt", "00"), "x"]) {
			expect(await ada.remove(absent)).toMatchObject({ status: 404, body: { code: "not_found" } });
		}
	});

	it.each([
		["not_fresh", 403, "session_not_fresh"],
		["held", 409, "change_held"],
		["signed_out", 401, "session_revoked"],
	])("is refused to a session that is %s, whether the card is there or not", async (refused, status, code) => {
		const { id } = await ada.givenCard();
		const before = await contentsOf(ada.customer.database);

		for (const one of [id, newId("crd", "00")]) {
			const untrusted = new CardHolder(worker, ada.customer, { checkTrust: refusing(refused) });
			expect(await untrusted.remove(one)).toMatchObject({ status, body: { code } });
		}

		expect(await contentsOf(ada.customer.database)).toEqual(before);
	});

	it("is refused while identity is away, and to a session that was signed out in the shard alone", async () => {
		const { id } = await ada.givenCard();
		const before = await contentsOf(ada.customer.database);
		expect((await new CardHolder(worker, ada.customer, {}).remove(id)).status).toBe(503);
		expect(await contentsOf(ada.customer.database)).toEqual(before);

		await ada.customer.signOut();

		expect(await ada.remove(id)).toMatchObject({ status: 401, body: { code: "session_revoked" } });
		expect(await ada.row(id)).toMatchObject({ state: "submitted" });
	});
});
