import { env } from "cloudflare:workers";
import * as v from "valibot";
import type { Ctx } from "../context.ts";
import type { Topology } from "../events/topology.ts";
import { shardOf } from "../ids.ts";
import { admitted, consumption } from "../messaging/consumption.ts";
import { newEvent } from "../messaging/envelope.ts";
import { commit, outboxInsert, outboxParams } from "../messaging/outbox.ts";
import { onReceipt } from "../messaging/receipts.ts";
import type { Quantum } from "../quantum.ts";
import { sql } from "../sql.ts";
import { customerId } from "./fixtures.ts";
import { sentTo, signAs } from "./forge.ts";
import { createQuanta, type Quanta } from "./quanta.ts";

/** Events that exist in tests only. `ThingHappened` proves the general case: versioned, and with two destinations. */
const ThingHappened = v.object({ thing: v.string(), name: v.pipe(v.string(), v.maxLength(45_000)) });
/** Refers to a thing: deferred while there is none, rejected when it is another customer's. */
const ThingNoted = v.object({ thing: v.string(), note: v.string() });

export const thingTopology = {
	events: {
		ThingHappened: {
			from: "customer",
			to: { sysops: "things", customer: "own-things" },
			version: 1,
			schemas: { 1: ThingHappened },
			firstDelay: 120_000,
		},
		ThingNoted: { from: "customer", to: { sysops: "things" }, version: 1, schemas: { 1: ThingNoted }, firstDelay: 120_000 },
		/** Never meant for sysops. */
		ThingKept: { from: "customer", to: { customer: "own-things" }, version: 1, schemas: { 1: ThingNoted }, firstDelay: 120_000 },
	},
} as const satisfies Topology;

const onThingHappened = consumption("ThingHappened", {
	newestOf: ({ data }) => ("thing" in data ? String(data.thing) : ""),
	effects: [
		`insert into applied (thing, name) select m.value->>'$.data.thing', m.value->>'$.data.name' from ${admitted}`,
		`insert into things (id, customer_id, name, version)
		select m.value->>'$.data.thing', m.value->>'$.subject', m.value->>'$.data.name', cast(m.value->>'$.version' as integer)
		from ${admitted} where true
		on conflict do update set name = excluded.name, version = excluded.version where excluded.version > things.version`,
	],
});

const onThingNoted = consumption("ThingNoted", {
	deferWhile: "not exists (select 1 from things where id = m.value->>'$.data.thing')",
	rejectWhen: `(select 'other_customer' from things
		where id = m.value->>'$.data.thing' and customer_id <> m.value->>'$.subject')`,
	effects: [`insert into notes (note) select m.value->>'$.data.note' from ${admitted}`],
});

const confirmedBy = (destination: "customer" | "sysops") =>
	onReceipt(
		"ThingHappened",
		destination,
		(confirmed) => `insert into confirmations (thing, destination)
			select o.event->>'$.data.thing', o.destination from ${confirmed}`,
	);

export const thingCustomer: Quantum = {
	worker: "customer",
	consumes: [onThingHappened],
	onReceipt: [confirmedBy("sysops"), confirmedBy("customer")],
	crons: {},
};

export const thingSysops: Quantum = {
	worker: "sysops",
	// The other order would defer every note that comes together with its thing.
	consumes: [onThingHappened, onThingNoted],
	onReceipt: [],
	crons: {},
};

/**
 * Two Workers that know the things above, on databases with the tables that the effects write. A poison thing is one
 * that a database refuses. `applied` counts effects.
 */
export async function thingQuanta(topology: Topology = thingTopology): Promise<Quanta> {
	for (const database of [env.CUSTOMER_DB_00, env.CUSTOMER_DB_01, env.SYSOPS_DB]) {
		await database.batch(
			[
				`create table things (id text primary key check (id not like 'poison%'), customer_id text not null,
					name text not null, version integer not null)`,
				"create table applied (thing text not null, name text not null)",
				"create table notes (note text not null)",
				"create table confirmations (thing text not null, destination text not null)",
			].map((text) => database.prepare(text)),
		);
	}
	return createQuanta(topology);
}

const insertThing = sql("insert into things (id, customer_id, name, version) values (:thing, :customerId, :name, :version)");
const emitThing = outboxInsert();

interface Thing {
	readonly thing: string;
	readonly customer?: string;
	readonly name?: string;
	readonly version?: number;
}

/** A customer's thing happens: one batch of change and outbox. Sends it at once, or leaves that to the relay. */
export async function happen(
	ctx: Ctx,
	{ thing, customer = customerId("00"), name = "a thing", version = 1 }: Thing,
	{ send = true } = {},
): Promise<string> {
	const shard = shardOf(customer);
	const database = ctx.databases.get(shard);
	const about = { type: "ThingHappened", subject: customer, version, data: { thing, name } };
	const event = newEvent(ctx, shard, about);
	const params = { ...outboxParams(ctx, event), thing: `own-${thing}-${version}`, customerId: customer, name, version };
	const left = send ? ctx : { ...ctx, queue: () => ({ send: async () => {} }) }; // a queue that loses it
	await commit(left, database, { change: insertThing, emit: emitThing, params });
	return event.id;
}

/** A signed message as the customer Worker sends it, without an outbox row behind it. */
export async function thingMessage(
	ctx: Ctx,
	{ thing, customer = customerId("00"), name = "a thing", version = 1 }: Thing,
	to: "customer" | "sysops" = "sysops",
): Promise<string> {
	const about = { type: "ThingHappened", subject: customer, version, data: { thing, name } };
	return signAs(ctx.worker, newEvent(ctx, shardOf(customer), about), sentTo(to, ctx.now()));
}

export async function noteMessage(ctx: Ctx, thing: string, note: string, customer = customerId("00")): Promise<string> {
	const about = { type: "ThingNoted", subject: customer, data: { thing, note } };
	return signAs(ctx.worker, newEvent(ctx, shardOf(customer), about), sentTo("sysops", ctx.now()));
}
