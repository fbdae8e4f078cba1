import * as v from "valibot";
import type { Ctx } from "../../../shared/context.ts";
import { idOf, idPattern } from "../../../shared/ids.ts";
import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { newEvent } from "../../../shared/messaging/envelope.ts";
import { commit, outboxInsert, outboxParams } from "../../../shared/messaging/outbox.ts";
import { onReceipt } from "../../../shared/messaging/receipts.ts";
import { sql } from "../../../shared/sql.ts";
import { minutes } from "../../../shared/time.ts";
import type { Cluster } from "../cluster.ts";
import type { Flow, FlowKind } from "../flow.ts";

/** A customer who is erased before anything happens, in both shards. */
const erased = `cus_00${"0".repeat(26)}`;
const rejectWhen = "iif(m.value->>'$.data.fate' = 'rejected', 'as it was meant to be', null)";

const insertCount = sql("insert into counted (id, event_id, fate, here) values (:id, :eventId, :fate, 0)");
const emit = outboxInsert();

/** An effect that would show every repetition: it has no natural key to hide behind. */
const count = (column: string) => `
	insert into counted (id, ${column}) select m.value->>'$.data.countId', 1 from ${admitted} where true
	on conflict do update set ${column} = ${column} + 1`;

const confirm = (destination: "customer" | "sysops") =>
	onReceipt(
		"ThingCounted",
		destination,
		(confirmed) => `update counted set by_${destination} = by_${destination} + 1
			where id in (select o.event->>'$.data.countId' from ${confirmed})`,
	);

/** What is to become of an event: some can never be accepted, some are of customers who are erased. */
const fates = ["counted", "counted", "counted", "rejected", "erased"] as const;
type Fate = (typeof fates)[number];

/**
 * The general case, which no built flow has yet: one event, two destinations, one of them the producer itself, and every
 * verdict.
 */
export const counts: FlowKind = {
	events: {
		ThingCounted: {
			from: "customer",
			to: { sysops: "tickets", customer: "counts" },
			version: 1,
			schemas: { 1: v.object({ countId: v.pipe(v.string(), v.regex(idPattern("tkt"))), fate: v.picklist(fates) }) },
			firstDelay: 120_000,
		},
	},
	witnesses: {
		customer: `create table counted (id text primary key, event_id text, fate text, here int, by_sysops int default 0, by_customer int default 0);
			insert into erased_customers values ('${erased}', 0);`,
		sysops: `create table counted (id text primary key, there int); insert into erased_customers values ('${erased}', 0);`,
	},
	consumes: {
		customer: [consumption("ThingCounted", { rejectWhen, effects: [count("here")] })],
		sysops: [consumption("ThingCounted", { rejectWhen, effects: [count("there")] })],
	},
	onReceipt: { customer: [confirm("customer"), confirm("sysops")] },
	parks: ["ThingCounted"],
	start: () => new CountsFlow(),
};

interface Row {
	id: string;
	event_id: string;
	/** Null: an effect has made this row. */
	fate: Fate | null;
	here: number;
	by_sysops: number;
	by_customer: number;
}

/** Effects for each time that the inbox admits it, effects of the receipts from here and there, and parked rows. */
const ends: Readonly<Record<Fate, readonly [effects: number, ...others: number[]]>> = {
	counted: [1, 1, 1, 0],
	rejected: [0, 0, 0, 2],
	erased: [0, 1, 1, 0],
};

class CountsFlow implements Flow {
	#acknowledged = 0;

	plan(cluster: Cluster, until: number): void {
		const { world } = cluster;
		for (let i = 0; i < 10; i++) {
			const shard = world.random.pick(["00", "01"]);
			const at = world.random.between(0, world.random.chance(0.7) ? 20 * minutes : until - world.now);
			world.after(at, () => void this.#count(cluster, shard, world.random.pick(fates)));
		}
	}

	async #count(cluster: Cluster, shard: string, fate: Fate): Promise<void> {
		const answer = await cluster.request("customer", "count", (ctx) => countThing(ctx, shard, fate));
		if ("answer" in answer) this.#acknowledged += 1;
	}

	always(): string[] {
		return [];
	}

	violations(cluster: Cluster): string[] {
		const rows = cluster.rows<Row>("customer", "select * from counted");
		const atSysops = cluster.rows<{ id: string; there: number }>("sysops", "select * from counted");
		const there = new Map(atSysops.map((row) => [row.id, row.there]));
		const parked = "select event->>'$.data.countId' as id from outbox where parked_reason = 'as it was meant to be'";
		const parkings = Map.groupBy(cluster.rows<{ id: string }>("customer", parked), ({ id }) => id);
		const found = rows.flatMap(({ id, event_id, fate, here, by_sysops, by_customer }) => {
			const became = [here, there.get(id) ?? 0, by_customer, by_sysops, parkings.get(id)?.length ?? 0];
			if (fate === null) return [`${id} was counted, and nobody said it`];
			const [effects, ...others] = ends[fate];
			// Once, or once more after the inbox has forgotten it: this effect has no natural key to fall back upon.
			const admissions = [cluster.watch.timesStored("customer", event_id), cluster.watch.timesStored("sysops", event_id)];
			const wanted = [...admissions.map((times) => times * effects), ...others];
			if (became.join() === wanted.join()) return [];
			return [`${id}, ${fate}: effects, receipts and parked rows are ${became}, not ${wanted}`];
		});
		if (rows.length < this.#acknowledged) found.push("an acknowledged count is gone");
		if (there.size > rows.length) found.push("sysops counted something that nobody said");
		return found;
	}

	async afterwards(): Promise<string[]> {
		return [];
	}

	checked() {
		return { "acknowledged events with two destinations": this.#acknowledged };
	}
}

async function countThing(ctx: Ctx, shard: string, fate: Fate): Promise<void> {
	const id = idOf("tkt", shard, ctx.randomBytes(16));
	const subject = fate === "erased" ? erased : idOf("cus", shard, ctx.randomBytes(16));
	const event = newEvent(ctx, shard, { type: "ThingCounted", subject, data: { countId: id, fate } });
	await commit(ctx, ctx.databases.get(shard), { change: insertCount, emit, params: { ...outboxParams(ctx, event), id, fate } });
}
