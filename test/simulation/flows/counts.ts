import * as v from "valibot";
import type { Ctx } from "../../../shared/context.ts";
import { idOf, idPattern } from "../../../shared/ids.ts";
import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { newEvent } from "../../../shared/messaging/envelope.ts";
import { commit, outboxInsert, outboxParams } from "../../../shared/messaging/outbox.ts";
import { onReceipt } from "../../../shared/messaging/receipts.ts";
import { sql } from "../../../shared/sql.ts";
import type { Cluster } from "../cluster.ts";
import type { Flow, FlowKind } from "../flow.ts";

const insertCount = sql("insert into counted (id, here) values (:id, 0)");
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

/** The general case, which no built flow has yet: one event, two destinations, one of them the producer itself. */
export const counts: FlowKind = {
	events: {
		ThingCounted: {
			from: "customer",
			to: { sysops: "tickets", customer: "counts" },
			version: 1,
			schemas: { 1: v.object({ countId: v.pipe(v.string(), v.regex(idPattern("tkt"))) }) },
			firstDelay: 120_000,
		},
	},
	witnesses: {
		customer: "create table counted (id text primary key, here int, by_sysops int default 0, by_customer int default 0)",
		sysops: "create table counted (id text primary key, there int)",
	},
	consumes: {
		customer: [consumption("ThingCounted", { effects: [count("here")] })],
		sysops: [consumption("ThingCounted", { effects: [count("there")] })],
	},
	onReceipt: { customer: [confirm("customer"), confirm("sysops")] },
	start: () => new CountsFlow(),
};

class CountsFlow implements Flow {
	#acknowledged = 0;

	plan(cluster: Cluster, until: number): void {
		const { world } = cluster;
		for (let i = 0; i < 10; i++) {
			const shard = world.random.pick(["00", "01"]);
			world.after(world.random.between(0, until - world.now), () => void this.#count(cluster, shard));
		}
	}

	async #count(cluster: Cluster, shard: string): Promise<void> {
		const answer = await cluster.request("customer", "count", (ctx) => countThing(ctx, shard));
		if ("answer" in answer) this.#acknowledged += 1;
	}

	always(): string[] {
		return [];
	}

	violations(cluster: Cluster): string[] {
		const rows = cluster.rows<{ id: string; here: number; by_sysops: number; by_customer: number }>(
			"customer",
			"select * from counted",
		);
		const atSysops = cluster.rows<{ id: string; there: number }>("sysops", "select * from counted");
		const there = new Map(atSysops.map((row) => [row.id, row.there]));
		const found = rows.flatMap(({ id, here, by_sysops, by_customer }) => {
			const counted = [here, there.get(id) ?? 0, by_customer, by_sysops];
			return counted.every((times) => times === 1) ? [] : [`${id}: effects and receipts are ${counted}, not 1 each`];
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

async function countThing(ctx: Ctx, shard: string): Promise<void> {
	const id = idOf("tkt", shard, ctx.randomBytes(16));
	const subject = idOf("cus", shard, ctx.randomBytes(16));
	const event = newEvent(ctx, shard, { type: "ThingCounted", subject, data: { countId: id } });
	await commit(ctx, ctx.databases.get(shard), { change: insertCount, emit, params: { ...outboxParams(ctx, event), id } });
}
