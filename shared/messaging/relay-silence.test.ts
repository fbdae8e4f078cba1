import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { waitInOutbox } from "../testing/backlog.ts";
import { rowsOf } from "../testing/database.ts";
import { readMessage } from "../testing/forge.ts";
import { receiptsFrom } from "../testing/messages.ts";
import type { Quanta } from "../testing/quanta.ts";
import { happen, thingCustomer, thingQuanta } from "../testing/things.ts";
import { hours, minutes, seconds } from "../time.ts";
import { relay } from "./relay.ts";

let quanta: Quanta;
beforeEach(async () => {
	quanta = await thingQuanta();
});

const confirm = async (by: "customer" | "sysops", ids: readonly string[]) =>
	quanta.deliver(thingCustomer, "receipts-customer", [await receiptsFrom(quanta.ctx(by), ids)]);

async function lostThings(count: number): Promise<string[]> {
	const ids: string[] = [];
	for (let n = 0; n < count; n++) ids.push(await happen(quanta.ctx("customer"), { thing: `t${n}` }, { send: false }));
	return ids;
}

const sent = (queue: string) => quanta.take(queue).map((token) => readMessage(token).event["id"]);
const dueNow = async () => {
	const text = "select count(*) as n from outbox where destination = 'sysops' and next_attempt_at <= ?";
	return (await rowsOf<{ n: number }>(env.CUSTOMER_DB_00, text, quanta.now))[0]?.n;
};

describe("a destination that has gone silent", () => {
	it("gets a few probes a run, while the rows of another flow", async () => {
		const [first = "", ...others] = await lostThings(20);
		quanta.now += 30 * minutes;
		await confirm("customer", [first]); // only the customer Worker answers
		await relay(quanta.ctx("customer"));
		expect(sent("things")).toHaveLength(3);
		expect(sent("own-things").sort()).toEqual([...others].sort());
	});

	it("gets other rows as probes in the next run", async () => {
		await lostThings(6);
		quanta.now += 30 * minutes;
		const probed = new Set<unknown>();
		for (let run = 0; run < 2; run++) {
			await relay(quanta.ctx("customer"));
			for (const id of sent("things")) probed.add(id);
			quanta.now += minutes;
		}
		expect(probed.size).toBe(6);
	});

	it("has everything that waits made due by its first receipt", async () => {
		const [known = "", ...ids] = await lostThings(6);
		await confirm("sysops", [known]);
		await silentFor(12 * hours);
		expect(await dueNow()).toBe(0); // all wait for hours
		await confirm("sysops", ids.slice(0, 1));
		quanta.now += seconds;
		await relay(quanta.ctx("customer"));
		expect(sent("things").sort()).toEqual(ids.slice(1).sort());
	});

	it("has everything made due by its very first receipt too", async () => {
		const ids = await lostThings(6); // sysops has never confirmed anything in this shard
		await silentFor(12 * hours);
		expect(await dueNow()).toBe(0);
		await confirm("sysops", ids.slice(0, 1));
		quanta.now += seconds;
		await relay(quanta.ctx("customer"));
		expect(sent("things").sort()).toEqual(ids.slice(1).sort());
	});

	it("has them made due in pages of 1,000 a run, each row once", async () => {
		await fillOutbox(1500);
		const [id = ""] = await lostThings(1);
		await env.CUSTOMER_DB_00.prepare("insert or replace into destinations values ('sysops', 1, null)").run();
		await confirm("sysops", [id]);
		quanta.now += seconds;
		const budget = { queries: 3, messages: 0 }; // the states, the page, the end of the waking
		await relay(quanta.ctx("customer"), { shards: ["00"], budget });
		expect(await dueNow()).toBe(1000);
		quanta.now += seconds;
		await relay(quanta.ctx("customer"), { shards: ["00"], budget });
		expect(await dueNow()).toBe(1500);
		const woken = "select woken_at as woken from destinations where destination = 'sysops'";
		expect(await rowsOf(env.CUSTOMER_DB_00, woken)).toEqual([{ woken: null }]);
	});

	it("is sent to in the very run that wakes it, though time goes on meanwhile", async () => {
		for (let i = 0; i < 6; i++) await happen(quanta.ctx("customer"), { thing: `t${i}` }, { send: false });
		quanta.now += 3 * minutes;
		await relay(quanta.ctx("customer")); // to silence: a few probes
		const later = quanta.now + 1 * minutes;
		const wake = "insert into destinations values ('sysops', ?1, ?1)";
		await env.CUSTOMER_DB_00.prepare(wake).bind(later).run();
		quanta.sends.clear();

		let now = later;
		await relay({ ...quanta.ctx("customer"), now: () => (now += 5) }); // a clock as Workers have: it moves with each call

		expect(quanta.take("things")).toHaveLength(6);
	});

	it("is not woken by a receipt that follows another", async () => {
		const ids = await lostThings(3);
		await confirm("sysops", ids.slice(0, 1));
		await env.CUSTOMER_DB_00.exec("update destinations set woken_at = null");
		quanta.now += 5 * minutes;
		await confirm("sysops", ids.slice(1, 2));
		expect(await rowsOf(env.CUSTOMER_DB_00, "select woken_at as woken from destinations")).toEqual([{ woken: null }]);
	});
});

/** The relay goes on and nobody answers; it ends at a moment when everything waits for its next attempt. */
async function silentFor(duration: number): Promise<void> {
	for (const end = quanta.now + duration; quanta.now < end; quanta.now += hours) {
		await relay(quanta.ctx("customer"));
		await relay(quanta.ctx("customer"));
	}
	quanta.now -= hours - seconds;
	quanta.sends.clear();
}

/** Rows to sysops that the relay has sent before, waiting for their next attempt. */
function fillOutbox(count: number): Promise<void> {
	const waiting = { attempts: 5, next_attempt_at: quanta.now + 6 * hours, sent_at: quanta.now - hours, created_at: 1 };
	return waitInOutbox(env.CUSTOMER_DB_00, "sysops", count, { type: "'ThingHappened'", ...waiting });
}
