import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/run.ts";
import type { Shard } from "../../shared/ids.ts";
import { days, hours } from "../../shared/time.ts";
import type { Cluster } from "./cluster.ts";
import type { Copy, SqliteDatabase } from "./sqlite-d1.ts";

const script = (name: string) => readFileSync(join(root, "scripts", name), "utf8");
const [removedCards, invoicesAgain, plansAgain] = [
	script("removed-cards.sql"),
	script("invoices-again.sql"),
	script("plans-again.sql"),
];

/** What the staff or customers have to do again themselves: docs/runbooks/restore-billing.md. */
const doneByHand = ["cards", "refunds"] as const;
/** What is copied from sysops, and has witnesses of its own. */
const replica = ["contract_versions", "replicas"];

/** In some worlds a shard of billing is put back to a time some days ago, and somebody follows the runbook. */
export class MoneyRestore {
	readonly #shard: Shard;
	readonly #copyAt: number;
	readonly #backAt: number;
	#copy: Copy | undefined;
	#isOver: boolean;

	constructor({ world }: Cluster, until: number) {
		const { random } = world;
		this.#isOver = random.chance(0.6);
		this.#shard = random.pick(["00", "01"]);
		this.#copyAt = random.between(world.now + 2 * days, until);
		this.#backAt = this.#copyAt + random.between(2 * hours, 6 * days);
	}

	/** When somebody has to look again. */
	look(cluster: Cluster): void {
		const { now } = cluster.world;
		const billing = cluster.deployments.billing.databases.get(this.#shard);
		const customers = cluster.deployments.customer.databases.get(this.#shard);
		if (!billing || !customers) return;
		if (!this.#isOver && now >= this.#copyAt) this.#copy ??= billing.copy(tablesOf(billing));
		if (!this.#isOver && this.#copy && now >= this.#backAt) {
			this.#isOver = true;
			if (!isPossible(billing, this.#copy)) return;
			cluster.world.say(() => `billing ${this.#shard} is put back by ${((now - this.#copyAt) / days).toFixed(1)} days`);
			cluster.counts.restores += 1;
			cluster.windows = [...cluster.windows, { kind: "charges paused", worker: "billing", from: now, to: Infinity }];
			billing.putBack(this.#copy);
			cluster.watch.putBack("billing", billing.all("select id, received_at from inbox"));
			followRunbook(cluster, { billing, customers, to: this.#copyAt });
		}
		const isSaid =
			customers.all("select 1 from outbox where destination = 'billing' and next_attempt_at is not null limit 1").length === 0;
		if (isSaid) cluster.windows = cluster.windows.filter(({ kind }) => kind !== "charges paused");
	}
}

/** Those of the product. */
const tablesOf = (database: SqliteDatabase) =>
	database
		.all<{ name: string }>("select name from sqlite_master where type = 'table' and name not like 'sqlite%'")
		.map(({ name }) => name)
		.filter((name) => !replica.includes(name) && !witnesses.includes(name));
const witnesses = ["violations", "attempts_begun", "restoring", "on_offer", "judged", "card_said", "card_ends", "rewrapped"];

/** Nothing has happened since that somebody has to do again by hand, and no document is on its way. */
function isPossible(billing: SqliteDatabase, copy: Copy): boolean {
	const isSame = (table: string) => JSON.stringify(copy.get(table)) === JSON.stringify(billing.all(`select * from ${table}`));
	const count = (table: string) => billing.all(`select 1 from ${table}`).length;
	const underway = "select 1 from deliveries where delivered_at is null";
	// what was charged by another plan or address than of then is the staff's as well: docs/billing.md
	const isCharged = !isSame("attempts");
	const isChanged = !isSame("subscriptions") || !isSame("customers");
	return (
		doneByHand.every(isSame) &&
		!(isCharged && isChanged) &&
		copy.get("subscriptions")?.length === count("subscriptions") &&
		billing.all(underway).length === 0
	);
}

interface Restored {
	readonly billing: SqliteDatabase;
	readonly customers: SqliteDatabase;
	/** To which time. */
	readonly to: number;
}

/** Its scripts, at this world's time and with its randomness. */
function followRunbook({ world }: Cluster, { billing, customers, to }: Restored): void {
	const seconds = Math.floor(world.now / 1000);
	const inThisWorld = (text: string) =>
		text
			.replaceAll("'now'", `${seconds}, 'unixepoch'`)
			.replaceAll("unixepoch()", `${seconds}`)
			.replaceAll("randomblob(", "drawn_bytes(");
	customers.sqlite.function("drawn_bytes", (length) => world.random.bytes(Number(length)));
	customers.sqlite.exec(inThisWorld(removedCards));
	const invoicesSince = invoicesAgain.replace(":since", `${to} - 3600000`);
	for (const { statement } of customers.all<{ statement: string }>(invoicesSince)) billing.sqlite.exec(statement);
	customers.sqlite.exec(inThisWorld(plansAgain));
}
