import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { createJwsSigner } from "../crypto/jws-signer.ts";
import { prepare, sql } from "../sql.ts";
import { publicKeys, signingKey } from "../testing/bindings.ts";
import { rowsOf } from "../testing/database.ts";
import { customerId } from "../testing/fixtures.ts";
import { readMessage } from "../testing/forge.ts";
import type { Quanta } from "../testing/quanta.ts";
import { happen, thingCustomer, thingMessage, thingQuanta, thingSysops } from "../testing/things.ts";
import { days, seconds } from "../time.ts";
import { newEvent } from "./envelope.ts";
import { type Outgoing, outboxInsert, outboxParams, send } from "./outbox.ts";
import { relay } from "./relay.ts";

let quanta: Quanta;
beforeEach(async () => {
	quanta = await thingQuanta();
});

const outbox = () => rowsOf(env.CUSTOMER_DB_00, "select event_id as id, destination from outbox order by destination");
const thingEvent = (name = "a thing") =>
	newEvent(quanta.ctx("customer"), "00", {
		type: "ThingHappened",
		subject: customerId("00"),
		version: 1,
		data: { thing: "t1", name },
	});

describe("the outbox insert", () => {
	const rename = sql("update things set name = 'new' where id = :id");
	const emit = outboxInsert();
	const renameAndEmit = (id: string) => {
		const database = quanta.ctx("customer").databases.get("00");
		const params = { id, ...outboxParams(quanta.ctx("customer"), thingEvent()) };
		return database.batch([prepare(database, rename, params), prepare(database, emit, params)]);
	};

	it("leaves a row for each destination after a guarded update that changed its one row", async () => {
		await happen(quanta.ctx("customer"), { thing: "t1" }, { send: false });
		await env.CUSTOMER_DB_00.exec("delete from outbox");
		await renameAndEmit("own-t1-1");
		expect((await outbox()).map(({ destination }) => destination)).toEqual(["customer", "sysops"]);
	});

	it("leaves no event after a guarded update that hit nothing", async () => {
		await happen(quanta.ctx("customer"), { thing: "t1" }, { send: false });
		await env.CUSTOMER_DB_00.exec("delete from outbox");
		await renameAndEmit("unknown");
		expect(await outbox()).toEqual([]);
	});

	it("leaves no event after a guarded insert that hit nothing", async () => {
		const database = quanta.ctx("customer").databases.get("00");
		const params = outboxParams(quanta.ctx("customer"), thingEvent());
		const nobody = sql("insert into things (id, customer_id, name, version) select 'x', 'x', 'x', 1 where :now < 0");
		await database.batch([prepare(database, nobody, params), prepare(database, emit, params)]);
		expect(await outbox()).toEqual([]);
	});

	it("takes the data that the shard owns, and returns what is to be sent", async () => {
		await env.CUSTOMER_DB_00.prepare("insert into profiles (customer_id, name) values (?, 'Ada \"Countess\" ❤')")
			.bind(customerId("00"))
			.run();
		const composed = outboxInsert({
			event: "json_set(:event, '$.data.name', p.name)",
			from: "profiles as p",
			guard: "p.customer_id = :customerId",
		});
		const database = quanta.ctx("customer").databases.get("00");
		const params = { ...outboxParams(quanta.ctx("customer"), thingEvent()), customerId: customerId("00") };
		const { results } = await prepare(database, composed, params).all<Outgoing>();
		expect(results.map(({ event }) => JSON.parse(event).data)).toEqual(Array(2).fill({ thing: "t1", name: 'Ada "Countess" ❤' }));
	});

	it("refuses an event of more than 46,080 bytes together with the whole change", async () => {
		const room = 46_080 - JSON.stringify(thingEvent("")).length;
		await happen(quanta.ctx("customer"), { thing: "fits", name: "x".repeat(room - 3) }, { send: false }); // "fits" is 2 longer
		const tooLarge = happen(quanta.ctx("customer"), { thing: "t1", name: "é".repeat(room / 2 + 1) }, { send: false });
		await expect(tooLarge).rejects.toThrow("outbox_event_size");
		expect(await outbox()).toHaveLength(2);
		expect(await rowsOf(env.CUSTOMER_DB_00, "select id from things")).toEqual([{ id: "own-fits-1" }]);
	});

	it("is no other Worker's to write", () => {
		expect(() => outboxParams(quanta.ctx("sysops"), thingEvent())).toThrow("ThingHappened is not sysops's to say");
	});
});

describe("sending", () => {
	it("happens after the answer: the row is there before, and success writes nothing", async () => {
		const id = await happen(quanta.ctx("customer"), { thing: "t1" });
		const rows = await rowsOf(env.CUSTOMER_DB_00, "select * from outbox");
		await quanta.settled();
		expect(readMessage(quanta.take("things")[0]).event["id"]).toBe(id);
		expect(await rowsOf(env.CUSTOMER_DB_00, "select * from outbox")).toEqual(rows);
	});

	it("signs afresh each time: what happened keeps its time, what is sent has today's", async () => {
		const happenedAt = new Date(quanta.now).toISOString();
		await happen(quanta.ctx("customer"), { thing: "t1" });
		await quanta.settled();
		const first = quanta.take("things")[0];
		quanta.now += 60 * days;
		await relay(quanta.ctx("customer"));
		const second = quanta.take("things")[0];

		const sentAt = [first, second].map((token) => readMessage(token).header["iat"]);
		expect(sentAt).toEqual([(quanta.now - 60 * days) / seconds, quanta.now / seconds]);
		expect([first, second].map((token) => readMessage(token).event["time"])).toEqual([happenedAt, happenedAt]);
		await quanta.deliver(thingSysops, "things", [first, second]);
		expect(await rowsOf(env.SYSOPS_DB, "select reason from quarantine")).toEqual([{ reason: "stale" }]);
		expect(await rowsOf(env.SYSOPS_DB, "select id from things")).toEqual([{ id: "t1" }]);
	});

	it("uses the new key after a rotation, for rows from before it too", async () => {
		await happen(quanta.ctx("customer"), { thing: "t1" });
		await quanta.settled();
		const before = quanta.take("things")[0];
		const rotated = await rotateCustomerKey();
		quanta.signers.customer = createJwsSigner(rotated.signingKey, rotated.publicKeys);
		quanta.signers.sysops = createJwsSigner(signingKey("sysops"), rotated.publicKeys);
		quanta.now += 3 * 60 * seconds;
		await relay(quanta.ctx("customer"));
		const after = quanta.take("things")[0];

		expect([before, after].map((token) => readMessage(token).header["kid"])).toEqual(["test-customer", "test-customer-2"]);
		const old = await quanta.ctx("sysops").signer.verify(String(before));
		const fresh = await quanta.ctx("sysops").signer.verify(String(after));
		expect([old, fresh]).toMatchObject([{ source: "customer" }, { source: "customer" }]);
	});

	it("fills pages of at most 100 messages", async () => {
		const rows = Array.from({ length: 230 }, (_, n) => outgoing(`e${n}`, "x"));
		await send(quanta.ctx("customer"), rows);
		expect(quanta.sends.get("things")?.map((page) => page.length)).toEqual([100, 100, 30]);
	});

	it("fills pages of at most 256 KB", async () => {
		const rows = Array.from({ length: 12 }, (_, n) => outgoing(`e${n}`, "x".repeat(45_000)));
		await send(quanta.ctx("customer"), rows);
		const pages = quanta.sends.get("things") ?? [];
		expect(pages.map((page) => page.length)).toEqual([3, 3, 3, 3]);
		for (const page of pages) expect(page.join("").length).toBeLessThan(256_000);
	});

	it("to a queue that takes nothing leaves the row, and the other queues get theirs", async () => {
		quanta.failingQueues.add("things");
		await happen(quanta.ctx("customer"), { thing: "t1" });
		await quanta.settled();
		expect(quanta.take("own-things")).toHaveLength(1);
		expect(await outbox()).toHaveLength(2);
		expect(quanta.logged("warn")).toEqual(["send_failed"]);
	});

	it("hands over only what the consumer takes as it is: the largest event fits into a message", async () => {
		const token = await thingMessage(quanta.ctx("customer"), { thing: "t1", name: "x".repeat(45_000) }, "customer");
		await quanta.deliver(thingCustomer, "own-things", [token]);
		expect(await rowsOf(env.CUSTOMER_DB_00, "select length(name) as n from things")).toEqual([{ n: 45_000 }]);
	});
});

const outgoing = (event_id: string, event: string): Outgoing => ({
	event_id,
	destination: "sysops",
	type: "ThingHappened",
	event,
});

/** A new key for the customer Worker; the retired one stays known. */
async function rotateCustomerKey(): Promise<{ signingKey: string; publicKeys: string }> {
	const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair; // an asymmetric algorithm
	const { kty, crv, x, d } = (await crypto.subtle.exportKey("jwk", pair.privateKey)) as JsonWebKey; // "jwk" was asked for
	const key = { kty, crv, x, kid: "test-customer-2" };
	const known = JSON.parse(publicKeys);
	return {
		signingKey: JSON.stringify({ ...key, d }),
		publicKeys: JSON.stringify({ ...known, customer: [...known.customer, key] }),
	};
}
