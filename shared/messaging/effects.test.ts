import { env } from "cloudflare:workers";
import * as v from "valibot";
import { beforeEach, describe, expect, it } from "vitest";
import type { Topology } from "../events/topology.ts";
import type { Consumer } from "../quantum.ts";
import { rowsOf } from "../testing/database.ts";
import { customerId } from "../testing/fixtures.ts";
import { readMessage } from "../testing/forge.ts";
import type { Quanta } from "../testing/quanta.ts";
import { thingMessage, thingQuanta, thingTopology } from "../testing/things.ts";
import { admitted, consumption } from "./consumption.ts";
import { commitRows, effect, emission } from "./effects.ts";

const ThingEchoed = v.object({ thing: v.string(), name: v.string() });
const echoes = {
	from: "sysops",
	to: { customer: "echoes" },
	version: 1,
	schemas: { 1: ThingEchoed },
	firstDelay: 60_000,
} as const;
const topology: Topology = {
	events: { ...thingTopology.events, ThingEchoed: echoes, ThingCounted: { ...echoes, anonymous: true } },
};

/** What sysops says when a thing comes to a higher version: read before the change, on the old state. */
const echoOf = (from: string, where = "true") =>
	emission("ThingEchoed", {
		from,
		where,
		version: "m.value->>'$.version'",
		data: "json_object('thing', m.value->>'$.data.thing', 'name', 'echo of ' || (m.value->>'$.data.name'))",
	});
const isNewer = `not exists (select 1 from things
	where id = m.value->>'$.data.thing' and version >= cast(m.value->>'$.version' as integer))`;
const upsert = `insert into things (id, customer_id, name, version)
	select m.value->>'$.data.thing', m.value->>'$.subject', m.value->>'$.data.name', cast(m.value->>'$.version' as integer)
	from ${admitted} where true
	on conflict do update set name = excluded.name, version = excluded.version where excluded.version > things.version`;

const echoing: Consumer = {
	worker: "sysops",
	consumes: [
		consumption("ThingHappened", {
			newestOf: ({ data }) => ("thing" in data ? String(data.thing) : ""),
			effects: [echoOf(admitted, isNewer), upsert],
		}),
	],
	onReceipt: [],
};

let quanta: Quanta;
beforeEach(async () => {
	quanta = await thingQuanta(topology);
});

interface OutboxRow {
	event_id: string;
	destination: string;
	type: string;
	event: string;
	first_delay: number;
	next_attempt_at: number;
}
const outbox = () =>
	rowsOf<OutboxRow>(
		env.SYSOPS_DB,
		"select event_id, destination, type, event, first_delay, next_attempt_at from outbox order by event_id",
	);
const happened = (about: Parameters<typeof thingMessage>[1]) => thingMessage(quanta.ctx("customer"), about);
const toSysops = (...bodies: string[]) => quanta.deliver(echoing, "things", bodies);
const sent = async () => {
	await quanta.settled();
	return quanta.take("echoes").map((token) => readMessage(token).event);
};

describe("a consumed event that another one follows from", () => {
	it("puts it into the outbox in its own batch, on the same trace, and sends it afterwards", async () => {
		const message = await happened({ thing: "t1", version: 7 });
		const calls = quanta.databases.sysops.calls;
		await toSysops(message);

		expect(quanta.databases.sysops.calls - calls).toBe(1);
		const [row, ...others] = await outbox();
		expect(others).toEqual([]);
		const event = JSON.parse(row?.event ?? "");
		const cause = readMessage(message).event;
		expect(event).toMatchObject({
			id: row?.event_id,
			source: "sysops",
			type: "ThingEchoed",
			subject: customerId("00"),
			version: "7",
			dataschema: "urn:sysops-squad:ThingEchoed:1",
			correlationid: cause["correlationid"],
			traceparent: cause["traceparent"],
			data: { thing: "t1", name: "echo of a thing" },
		});
		expect(row).toMatchObject({ destination: "customer", first_delay: 60_000, next_attempt_at: quanta.now + 60_000 });
		expect(await sent()).toEqual([event]);
	});

	it("leaves none when it is repeated, outdated, or superseded by another one of its batch", async () => {
		const old = await happened({ thing: "t1", version: 2 });
		const newest = await happened({ thing: "t1", version: 3 });
		await toSysops(old, newest);
		await toSysops(old, newest);
		await toSysops(await happened({ thing: "t1", version: 1 }));
		expect((await sent()).map(({ version }) => version)).toEqual(["3"]);
		expect(await outbox()).toHaveLength(1);
	});

	it("leaves none when it comes again after the inbox has forgotten it", async () => {
		const message = await happened({ thing: "t1" });
		await toSysops(message);
		await env.SYSOPS_DB.prepare("delete from inbox").run();
		await toSysops(message);
		expect(await outbox()).toHaveLength(1);
	});

	it("leaves one for each of many", async () => {
		const messages = await Promise.all(["t1", "t2", "t3"].map((thing) => happened({ thing })));
		await toSysops(...messages);
		expect(new Set((await outbox()).map(({ event_id }) => event_id)).size).toBe(3);
		expect(await sent()).toHaveLength(3);
	});

	it("sends nothing that was not committed, and nothing twice when the answer of the database was lost", async () => {
		const message = await happened({ thing: "t1" });
		quanta.databases.sysops.down = true;
		await toSysops(message);
		expect(await sent()).toEqual([]);

		quanta.databases.sysops.down = false;
		quanta.databases.sysops.answersToLose = 1;
		await toSysops(message);
		await toSysops(message);
		expect(await sent()).toEqual([]); // it stands in the outbox, and is the relay's
		expect(await outbox()).toHaveLength(1);
	});
});

describe("rows of a verb or a job", () => {
	const given = "json_each(:messages) as m";
	const rename = effect(
		`update things set name = m.value->>'$.data.name' from ${given} where things.id = m.value->>'$.data.thing'`,
	);
	const row = (thing: string, subject = customerId("00")) => ({ subject, data: { thing, name: "new" } });
	const exists = "exists (select 1 from things where id = m.value->>'$.data.thing')";

	it("are changed and reported in one batch, each for itself", async () => {
		await toSysops(await happened({ thing: "t1" }), await happened({ thing: "t2", customer: customerId("01") }));
		await sent();
		await env.SYSOPS_DB.prepare("delete from outbox").run();

		const echo = emission("ThingEchoed", {
			from: `${given} cross join things as t on t.id = m.value->>'$.data.thing'`,
			data: "json_object('thing', t.id, 'name', t.name)",
		});
		const rows = [row("t1"), row("t2", customerId("01")), row("unknown")];
		const { effects } = await commitRows(quanta.ctx("sysops"), "00", { effects: [rename, effect(echo)], rows });

		expect(effects).toHaveLength(2);
		const said = (await sent()).map(({ subject, data }) => [subject, data]);
		expect(said).toEqual([
			[customerId("00"), { thing: "t1", name: "new" }],
			[customerId("01"), { thing: "t2", name: "new" }],
		]);
		expect(await outbox()).toHaveLength(2);
	});

	it("may emit two events of one type, and one that names nobody", async () => {
		await toSysops(await happened({ thing: "t1" }));
		await sent();
		await env.SYSOPS_DB.prepare("delete from outbox").run();

		const data = "json_object('thing', 't1', 'name', 'x')";
		const emissions = [
			emission("ThingEchoed", { from: given, where: exists, data, draft: "one" }),
			emission("ThingEchoed", { from: given, where: exists, data, draft: "other" }),
			emission("ThingCounted", { from: given, where: exists, data }),
		];
		await commitRows(quanta.ctx("sysops"), "00", { effects: emissions.map(effect), rows: [row("t1")] });

		const events = await sent();
		expect(new Set(events.map(({ id }) => id)).size).toBe(3);
		const subjects = events.map(({ type, subject }) => [type, subject]).sort();
		expect(subjects).toEqual([
			["ThingCounted", undefined],
			["ThingEchoed", customerId("00")],
			["ThingEchoed", customerId("00")],
		]);
	});

	it("cannot emit what is another Worker's to say", async () => {
		const effects = [effect(emission("ThingHappened", { from: given, data: "'{}'" }))];
		await expect(commitRows(quanta.ctx("sysops"), "00", { effects, rows: [row("t1")] })).rejects.toThrow(
			"ThingHappened is not sysops's to say",
		);
	});
});
