import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { publicKeys } from "../testing/bindings.ts";
import { rowsOf } from "../testing/database.ts";
import { customerId } from "../testing/fixtures.ts";
import { readMessage, sentTo, signAs, signSymmetrically, tamper, unsigned } from "../testing/forge.ts";
import type { Quanta } from "../testing/quanta.ts";
import { happen, thingCustomer, thingMessage, thingQuanta, thingSysops } from "../testing/things.ts";
import { days, minutes, seconds } from "../time.ts";
import { dataSchemaUri, newEvent } from "./envelope.ts";
import { relay } from "./relay.ts";

let quanta: Quanta;
beforeEach(async () => {
	quanta = await thingQuanta();
});

const about = (more: object = {}) => ({
	type: "ThingHappened",
	subject: customerId("00"),
	version: 1,
	data: { thing: "t1", name: "a thing" },
	...more,
});
const thing = (more: object = {}) => newEvent(quanta.ctx("customer"), "00", about(more));
const sentNow = (more: object = {}) => ({ ...sentTo("sysops", quanta.now), ...more });
const byCustomer = (event: object = thing(), header: object = {}) => signAs("customer", event, { ...sentNow(), ...header });

const quarantined = async () =>
	(await rowsOf<{ reason: string }>(env.SYSOPS_DB, "select reason from quarantine order by message_id")).map(
		({ reason }) => reason,
	);

/** Acknowledged and recorded with this reason; nothing stored, nothing confirmed. */
async function expectRefused(body: unknown, reason: string, { alarming }: { alarming: boolean }): Promise<void> {
	expect(await quanta.deliver(thingSysops, "things", [body])).toEqual({ acknowledged: [0], retried: [] });
	expect(await quarantined()).toEqual([reason]);
	expect(quanta.logged("alarm")).toEqual(alarming ? ["message_quarantined"] : []);
	expect(quanta.logged("warn")).toEqual(alarming ? [] : ["message_not_understood"]);
	expect(quanta.sends.size).toBe(0);
	for (const table of ["things", "inbox"]) expect(await rowsOf(env.SYSOPS_DB, `select * from ${table}`)).toEqual([]);
}

it("a message made with all that is right is believed: what the tests below change is what refuses them", async () => {
	await quanta.deliver(thingSysops, "things", [await byCustomer()]);
	expect(await quarantined()).toEqual([]);
	expect(await rowsOf(env.SYSOPS_DB, "select id from things")).toEqual([{ id: "t1" }]);
});

describe("row 11: quarantined with an alarm, never receipted:", () => {
	const cases: Record<string, [reason: string, body: () => unknown]> = {
		"plain JSON without a signature": ["malformed", () => JSON.stringify(thing())],
		"something that is no text": ["malformed", () => ({ ...thing() })],
		"alg none": ["malformed", () => unsigned(thing(), { alg: "none", typ: "quantum+jws", kid: "test-customer", ...sentNow() })],
		"a signature left out": [
			"bad_signature",
			() => unsigned(thing(), { alg: "Ed25519", typ: "quantum+jws", kid: "test-customer", ...sentNow() }),
		],
		"HS256 with the public key as its secret": [
			"malformed",
			() =>
				signSymmetrically(
					thing(),
					{ typ: "quantum+jws", kid: "test-customer", ...sentNow() },
					JSON.parse(publicKeys).customer[0].x,
				),
		],
		"another typ": ["malformed", () => byCustomer(thing(), { typ: "JWT" })],
		"a changed payload": ["bad_signature", async () => tamper(await byCustomer())],
		"another producer's signature under this one's key id": [
			"bad_signature",
			() => signAs("sysops", thing(), { ...sentNow(), kid: "test-customer" }),
		],
		"another producer's true signature with a forged source": ["wrong_source", () => signAs("sysops", thing(), sentNow())],
		"a type that its source may not send": [
			"forbidden_type",
			() => signAs("sysops", { ...thing(), source: "sysops" }, sentNow()),
		],
		"a type that nobody sends": ["forbidden_type", () => byCustomer(thing({ type: "constructor" }))],
		"a type that goes elsewhere": ["forbidden_type", () => byCustomer(thing({ type: "ThingKept" }))],
		"another audience": ["wrong_audience", () => byCustomer(thing(), { aud: "customer" })],
		"a receipt from one who is no destination of anything": [
			"forbidden_type",
			() => byCustomer(newEvent(quanta.ctx("customer"), "00", { type: "EventsReceived", data: { receipts: [] } })),
		],
		"an envelope without an id": ["malformed", () => byCustomer({ ...thing(), id: undefined })],
		"more than 64 KB": ["too_large", () => byCustomer(thing({ data: { thing: "t1", name: "x".repeat(50_000) } }))],
	};
	for (const [name, [reason, body]] of Object.entries(cases)) {
		it(`row 11: ${name}`, async () => expectRefused(await body(), reason, { alarming: true }));
	}

	it("row 11: a forged message with a real event's id leaves the real event unharmed", async () => {
		const id = await happen(quanta.ctx("customer"), { thing: "t1", name: "real" });
		await quanta.settled();
		const real = String(quanta.take("things")[0]);
		const forged = { ...readMessage(real).event, data: { thing: "t1", name: "forged" } };
		const forgeries = [await signAs("sysops", forged, sentNow()), tamper(real), unsigned(forged, { alg: "none" })];

		await quanta.deliver(thingSysops, "things", [...forgeries, real, ...forgeries]);
		expect(await rowsOf(env.SYSOPS_DB, "select name from things")).toEqual([{ name: "real" }]);
		const receipts = quanta.take("receipts-customer");
		expect(receipts).toHaveLength(1);
		await quanta.deliver(thingCustomer, "receipts-customer", receipts);
		expect(await rowsOf(env.CUSTOMER_DB_00, "select destination from outbox")).toEqual([{ destination: "customer" }]);
		expect(await rowsOf(env.SYSOPS_DB, "select distinct claimed_id as id from quarantine where claimed_id is not null")).toEqual([
			{ id },
		]);
	});
});

describe("recorded without an alarm, since it comes again:", () => {
	const cases: Record<string, [reason: string, body: () => Promise<string>]> = {
		"a send of 30 days ago": ["stale", () => byCustomer(thing(), { iat: (quanta.now - 30 * days) / seconds })],
		"a send from the future": ["stale", () => byCustomer(thing(), { iat: (quanta.now + 6 * minutes) / seconds })],
		"a key that is not known here yet": ["unknown_key", () => byCustomer(thing(), { kid: "test-customer-2" })],
		"a version from the future": [
			"unknown_version",
			() => byCustomer({ ...thing(), dataschema: dataSchemaUri("ThingHappened", 2) }),
		],
	};
	for (const [name, [reason, body]] of Object.entries(cases)) {
		it(name, async () => expectRefused(await body(), reason, { alarming: false }));
	}

	it("and what happened long ago is believed when it was sent today", async () => {
		await happen(quanta.ctx("customer"), { thing: "t1" }, { send: false });
		quanta.now += 300 * days;
		await relay(quanta.ctx("customer"));
		await quanta.deliver(thingSysops, "things", quanta.take("things"));
		expect(await rowsOf(env.SYSOPS_DB, "select id from things")).toEqual([{ id: "t1" }]);
	});

	it("at 29 days a send is still believed", async () => {
		await quanta.deliver(thingSysops, "things", [await byCustomer(thing(), { iat: (quanta.now - 29 * days) / seconds })]);
		expect(await quarantined()).toEqual([]);
	});
});

describe("the order of the checks: of two faults the first one counts", () => {
	const stale = () => ({ iat: (quanta.now - 30 * days) / seconds });
	const cases: Record<string, [reason: string, body: () => Promise<string>]> = {
		"size before signature": ["too_large", async () => tamper(await byCustomer(thing({ data: { name: "x".repeat(50_000) } })))],
		"signature before type": ["bad_signature", async () => tamper(await byCustomer(thing({ type: "Unheard" })))],
		"type before audience": ["forbidden_type", () => byCustomer(thing({ type: "Unheard" }), { aud: "customer" })],
		"audience before age": ["wrong_audience", () => byCustomer(thing(), { aud: "customer", ...stale() })],
		"age before schema version": [
			"stale",
			() => byCustomer({ ...thing(), dataschema: dataSchemaUri("ThingHappened", 2) }, stale()),
		],
		"age before schema": ["stale", () => byCustomer(thing({ data: {} }), stale())],
	};
	for (const [name, [reason, body]] of Object.entries(cases)) {
		it(name, async () => {
			await quanta.deliver(thingSysops, "things", [await body()]);
			expect(await quarantined()).toEqual([reason]);
		});
	}
});

it("a forged message holds up nothing else in its batch", async () => {
	const real = await thingMessage(quanta.ctx("customer"), { thing: "t2" });
	expect(await quanta.deliver(thingSysops, "things", ["forged", real])).toEqual({ acknowledged: [0, 1], retried: [] });
	expect(await rowsOf(env.SYSOPS_DB, "select id from things")).toEqual([{ id: "t2" }]);
});
