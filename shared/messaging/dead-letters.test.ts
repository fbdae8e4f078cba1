import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { rowsOf } from "../testing/database.ts";
import { readMessage } from "../testing/forge.ts";
import type { Quanta } from "../testing/quanta.ts";
import { thingMessage, thingQuanta, thingSysops } from "../testing/things.ts";

let quanta: Quanta;
beforeEach(async () => {
	quanta = await thingQuanta();
});

it("a dead letter is recorded as metadata, with nothing of what it says, and acknowledged with an alarm", async () => {
	const letter = await thingMessage(quanta.ctx("customer"), { thing: "t1", name: "a secret" });
	const bodies = [letter, "no message at all, but a secret", { a: "secret" }];
	expect(await quanta.deliver(thingSysops, "dead-letters-sysops", bodies)).toEqual({ acknowledged: [0, 1, 2], retried: [] });
	const queue = "dead-letters-sysops";
	const nothing = { claimed_id: null, claimed_source: null, claimed_type: null };
	const claimed = { claimed_id: readMessage(letter).event["id"], claimed_source: "customer", claimed_type: "ThingHappened" };
	const rows = await rowsOf(env.SYSOPS_DB, "select * from dead_letters order by message_id");
	expect(rows).toEqual([
		{ message_id: "message-1", queue, received_at: quanta.now, bytes: letter.length, ...claimed },
		{ message_id: "message-2", queue, received_at: quanta.now, bytes: 31, ...nothing },
		{ message_id: "message-3", queue, received_at: quanta.now, bytes: 0, ...nothing },
	]);
	expect(JSON.stringify([rows, quanta.log])).not.toContain("secret");
	expect(quanta.logged("alarm")).toEqual(["dead_letters"]);
	expect(await rowsOf(env.SYSOPS_DB, "select id from things")).toEqual([]);
	expect(quanta.sends.size).toBe(0);
});

it("what a dead letter claims is kept only in a plain shape", async () => {
	const claims = { id: "<script>", source: "x".repeat(65), type: { a: 1 } };
	const body = `e30.${btoa(JSON.stringify(claims))}.`;
	await quanta.deliver(thingSysops, "dead-letters-sysops", [body]);
	expect(await rowsOf(env.SYSOPS_DB, "select claimed_id, claimed_source, claimed_type from dead_letters")).toEqual([
		{ claimed_id: null, claimed_source: null, claimed_type: null },
	]);
});

for (const queue of ["things", "dead-letters-sysops"]) {
	it(`what cannot be recorded comes again on ${queue}`, async () => {
		quanta.databases.sysops.down = true;
		expect(await quanta.deliver(thingSysops, queue, ["nonsense"])).toEqual({ acknowledged: [], retried: [0] });
	});
}

it("a quarantined message too leaves metadata only, wherever its text stands", async () => {
	const letter = await thingMessage(quanta.ctx("customer"), { thing: "t1", name: "a secret" });
	await quanta.deliver(thingSysops, "things", [`${letter}x`, `${letter.slice(0, -4)}AAAA`]);
	const rows = await rowsOf(env.SYSOPS_DB, "select * from quarantine");
	expect(rows).toHaveLength(2);
	expect(JSON.stringify([rows, quanta.log])).not.toContain("secret");
});
