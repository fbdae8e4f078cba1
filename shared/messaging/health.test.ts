import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { onScheduled, type Quantum } from "../quantum.ts";
import { receiptsFrom } from "../testing/messages.ts";
import type { Quanta } from "../testing/quanta.ts";
import { happen, thingCustomer, thingMessage, thingQuanta, thingSysops } from "../testing/things.ts";
import { days, minutes, seconds } from "../time.ts";
import { health } from "./health.ts";
import { relay } from "./relay.ts";
import { relayCron } from "./schedule.ts";

let quanta: Quanta;
beforeEach(async () => {
	quanta = await thingQuanta();
});

const relaying: Quantum = {
	...thingCustomer,
	crons: { [relayCron]: (ctx) => relay(ctx), "0 0 * * *": () => Promise.reject(new Error("no")) },
};
const cron = () => onScheduled(relaying, quanta.ctx("customer"), relayCron);
const customerHealth = () => health(quanta.ctx("customer"));

describe("a Worker's health", () => {
	it("is failing before the relay has ever run, and ok after", async () => {
		expect((await customerHealth()).status).toBe("failing");
		await cron();
		expect(await customerHealth()).toMatchObject({
			status: "ok",
			worker: "customer",
			crons: { [relayCron]: new Date(quanta.now).toISOString() },
		});
	});

	it("is failing when the relay has been silent for more than 15 minutes", async () => {
		await cron();
		quanta.now += 15 * minutes;
		expect((await customerHealth()).status).toBe("ok");
		quanta.now += 1;
		expect((await customerHealth()).status).toBe("failing");
	});

	it("is failing while one shard does not answer, and says which", async () => {
		await cron();
		quanta.databases.customer01.down = true;
		const { status, shards } = await customerHealth();
		expect(status).toBe("failing");
		expect(shards.map(({ shard, reachable }) => [shard, reachable])).toEqual([
			["00", true],
			["01", false],
		]);
	});

	it("is not failing because a destination is silent, but tells how long the oldest event has waited", async () => {
		await happen(quanta.ctx("customer"), { thing: "t1" });
		quanta.now += 3 * days;
		await happen(quanta.ctx("customer"), { thing: "t2" });
		quanta.now += 7 * seconds;
		await cron();
		const { status, shards } = await customerHealth();
		expect(status).toBe("ok");
		expect(shards.map(({ oldestOutboxSeconds }) => oldestOutboxSeconds)).toEqual([3 * 86_400 + 7, null]);
	});

	it("counts what is parked, quarantined and dead", async () => {
		const ids = [await happen(quanta.ctx("customer"), { thing: "t1" }), await happen(quanta.ctx("customer"), { thing: "t2" })];
		const receipts = await receiptsFrom(quanta.ctx("sysops"), ids, "never");
		await quanta.deliver(thingCustomer, "receipts-customer", [receipts, "forged"]);
		await quanta.deliver(thingCustomer, "dead-letters-customer", ["a", "b", "c"]);
		const [shard] = (await customerHealth()).shards;
		expect(shard).toMatchObject({ parked: 2, quarantined: 1, dead: 3 });
	});

	it("does not count a parked row as waiting", async () => {
		const id = await happen(quanta.ctx("customer"), { thing: "t1" });
		await env.CUSTOMER_DB_00.exec("delete from outbox where destination = 'customer'");
		await quanta.deliver(thingCustomer, "receipts-customer", [await receiptsFrom(quanta.ctx("sysops"), [id], "never")]);
		expect((await customerHealth()).shards[0]).toMatchObject({ oldestOutboxSeconds: null, parked: 1 });
	});

	it("says that something waits when it has read a thousand parked rows and there are more", async () => {
		const since = quanta.now - 5 * seconds;
		await env.CUSTOMER_DB_00.prepare(
			`with recursive n(i) as (select 1 union all select i + 1 from n where i < 1001)
			insert into outbox (event_id, destination, type, event, attempts, first_delay, next_attempt_at, created_at, parked_reason)
			select printf('evt_00%026d', i), 'sysops', 'ThingHappened', '{}', 0, 0, iif(i = 1001, ?1, null), ?1, iif(i = 1001, null, 'never') from n`,
		)
			.bind(since)
			.run();
		expect((await customerHealth()).shards[0]).toMatchObject({ oldestOutboxSeconds: 5, parked: 1000 });
	});

	it("of a consumer counts its own refusals", async () => {
		await quanta.deliver(thingSysops, "things", [`${await thingMessage(quanta.ctx("customer"), { thing: "t1" })}x`]);
		expect((await health(quanta.ctx("sysops"))).shards).toMatchObject([{ quarantined: 1, dead: 0, parked: 0 }]);
	});
});

describe("a Cron run", () => {
	it("that fails raises an alarm and leaves no note of a run", async () => {
		await onScheduled(relaying, quanta.ctx("customer"), "0 0 * * *");
		expect(quanta.logged("alarm")).toEqual(["cron_failed"]);
		expect((await customerHealth()).crons).toEqual({});
	});

	it("that nobody knows raises an alarm", async () => {
		await onScheduled(relaying, quanta.ctx("customer"), "1 1 1 1 *");
		expect(quanta.logged("alarm")).toEqual(["unknown_cron"]);
	});
});
