import { env } from "cloudflare:workers";
import * as v from "valibot";
import { beforeEach, describe, expect, it } from "vitest";
import type { Topology } from "../events/topology.ts";
import { rowsOf } from "../testing/database.ts";
import { customerId } from "../testing/fixtures.ts";
import { readMessage, sentTo, signAs } from "../testing/forge.ts";
import { createQuanta, type Quanta } from "../testing/quanta.ts";
import { happen, thingCustomer, thingMessage, thingQuanta, thingSysops, thingTopology } from "../testing/things.ts";
import { minutes } from "../time.ts";
import { dataSchemaUri } from "./envelope.ts";
import { relay } from "./relay.ts";

const { ThingHappened } = thingTopology.events;
const Coloured = v.object({ thing: v.string(), name: v.string(), colour: v.string() });

/** `ThingHappened` as it will be: version 2 has a colour, and an event of version 1 gets one. */
const tomorrow: Topology = {
	events: {
		...thingTopology.events,
		ThingHappened: {
			...ThingHappened,
			version: 2,
			schemas: {
				1: v.pipe(
					ThingHappened.schemas[1],
					v.transform((old) => ({ ...old, name: `${old.name}, colourless`, colour: "none" })),
				),
				2: Coloured,
			},
		},
	},
};

let today: Quanta;
let later: Quanta;
beforeEach(async () => {
	today = await thingQuanta();
	later = createQuanta(tomorrow);
});

const names = () => rowsOf(env.SYSOPS_DB, "select name from things");
const inOutbox = () => rowsOf(env.CUSTOMER_DB_00, "select type from outbox where destination = 'sysops'");

it("the version that is sent is the topology's", async () => {
	const sent = [
		await thingMessage(today.ctx("customer"), { thing: "t1" }),
		await thingMessage(later.ctx("customer"), { thing: "t1" }),
	];
	const expected = [dataSchemaUri("ThingHappened", 1), dataSchemaUri("ThingHappened", 2)];
	expect(sent.map((token) => readMessage(token).event["dataschema"])).toEqual(expected);
});

describe("an old consumer", () => {
	it("accepts an event with a field that it does not know, and drops the field", async () => {
		const token = await thingMessage(today.ctx("customer"), { thing: "t1" });
		const { event } = readMessage(token);
		const withMore = { ...event, data: { thing: "t1", name: "a thing", colour: "red" }, sequence: "7" };
		await today.deliver(thingSysops, "things", [await signAs("customer", withMore, sentTo("sysops", today.now))]);
		expect(await names()).toEqual([{ name: "a thing" }]);
		expect(today.take("receipts-customer")).toHaveLength(1);
	});

	it("records a version from the future without a receipt, and takes it after its own deploy", async () => {
		const id = await happen(later.ctx("customer"), { thing: "t1", name: "new" });
		await later.settled();
		// What `happen` writes has no colour: the producer of tomorrow writes one.
		await env.CUSTOMER_DB_00.exec("update outbox set event = json_set(event, '$.data.colour', 'red')");
		expect(await today.deliver(thingSysops, "things", later.take("things"))).toEqual({ acknowledged: [0], retried: [] });
		const recorded = "select reason, claimed_id as id, claimed_type as type from quarantine";
		expect(await rowsOf(env.SYSOPS_DB, recorded)).toEqual([{ reason: "unknown_version", id, type: "ThingHappened" }]);
		expect(today.take("receipts-customer")).toEqual([]);
		expect(today.logged("alarm")).toEqual([]);
		expect(await inOutbox()).toHaveLength(1);

		later.now += 5 * minutes;
		await relay(later.ctx("customer"));
		await later.deliver(thingSysops, "things", later.take("things"));
		await later.deliver(thingCustomer, "receipts-customer", later.take("receipts-customer"));
		expect(await names()).toEqual([{ name: "new" }]);
		expect(await inOutbox()).toEqual([]);
	});
});

describe("a new consumer", () => {
	it("turns an old event into today's", async () => {
		const old = await thingMessage(today.ctx("customer"), { thing: "t1", name: "old", customer: customerId("00") });
		await later.deliver(thingSysops, "things", [old]);
		expect(await names()).toEqual([{ name: "old, colourless" }]);
		expect(later.take("receipts-customer")).toHaveLength(1);
	});

	it("rejects what says that it is of the new version and is not", async () => {
		await later.deliver(thingSysops, "things", [await thingMessage(later.ctx("customer"), { thing: "t1" })]);
		expect(await rowsOf(env.SYSOPS_DB, "select verdict, reason from inbox")).toEqual([{ verdict: "rejected", reason: "schema" }]);
		expect(await names()).toEqual([]);
	});
});
