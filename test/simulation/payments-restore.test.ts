import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../../scripts/run.ts";
import { days, hours } from "../../shared/time.ts";
import { begin, run } from "./billing-scene.ts";
import { Cluster } from "./cluster.ts";
import { payments } from "./flows/payments.ts";
import { createPeople } from "./people.ts";
import type { Copy, SqliteDatabase } from "./sqlite-d1.ts";
import { deploy, topology, waiting } from "./stage.ts";
import { World } from "./world.ts";

const script = (name: string) => readFileSync(join(root, "scripts", name), "utf8");

/** With what its witnesses have noted. */
function copyOf(database: SqliteDatabase): Copy {
	const tables = "select name from sqlite_master where type = 'table' and name not like 'sqlite%'";
	return database.copy(database.all<{ name: string }>(tables).map(({ name }) => name));
}

/** What docs/runbooks/restore-billing.md says for invoices and plans. */
function followRunbook(cluster: Cluster): void {
	for (const [shard, customers] of cluster.deployments.customer.databases) {
		const billing = cluster.deployments.billing.databases.get(shard);
		for (const { statement } of customers.all<{ statement: string }>(script("invoices-again.sql").replace(":since", "0")))
			billing?.sqlite.exec(statement);
		customers.sqlite.exec(script("plans-again.sql"));
	}
}

/** Twelve customers who have signed and not paid yet; the shards of `worker` can be put back to this moment. */
async function givenBeforePayment(seed: number, worker: "billing" | "customer") {
	const world = new World(seed);
	const cluster = new Cluster(world, topology, deploy());
	const start = world.now;
	const people = createPeople(cluster, 12).filter(({ kind }) => kind !== "signed out");
	payments.start(people);
	await begin(cluster, people);
	await run(cluster, start + 20 * hours);
	const copies = [...cluster.deployments[worker].databases.values()].map((database) => [database, copyOf(database)] as const);
	const putBack = () => {
		for (const [database, copy] of copies) database.putBack(copy);
	};
	return { cluster, start, people, putBack };
}

it("billing is put back to before it charged anybody: nobody is charged again, and every invoice stays what it was", {
	timeout: 300_000,
}, async () => {
	const { cluster, start, people, putBack } = await givenBeforePayment(2, "billing");

	await run(cluster, start + 30 * hours);
	const documents = () =>
		cluster.rows<{ id: string; document: string }>("customer", "select id, document from invoices order by id");
	const before = documents();
	expect(before).toHaveLength(people.length);
	expect(cluster.ledger.charges).toHaveLength(people.length);

	putBack();
	expect(cluster.rows("billing", "select 1 from invoices")).toEqual([]);
	followRunbook(cluster);
	followRunbook(cluster); // twice does nothing twice
	await run(cluster, start + 3 * days);

	expect(cluster.ledger.charges).toHaveLength(people.length);
	expect([...cluster.ledger.violations]).toEqual([]);
	expect(documents()).toEqual(before);
	const kept = "select invoice_id as id, document from invoices order by invoice_id";
	expect(cluster.rows<object>("billing", kept).sort(byId)).toEqual(before.toSorted(byId));
	expect(cluster.rows("billing", "select 1 from periods where state = 'paid'")).toHaveLength(people.length);

	await run(cluster, start + 34 * days); // the next period goes on with the next numbers
	expect(documents()).toHaveLength(2 * people.length);
	const gaps = "select 1 from invoices group by kind having max(number) <> count(*) or count(distinct number) <> count(*)";
	expect(cluster.rows("billing", gaps)).toEqual([]);
	expect(waiting(cluster)).toBe(0);
});

/** The statement of docs/runbooks/restore-customer.md. */
function bringAgainSince(time: number): string {
	const runbook = readFileSync(join(root, "docs/runbooks/restore-customer.md"), "utf8");
	const statement = /--command "(update deliveries .+)"/.exec(runbook)?.[1];
	if (!statement) throw new Error("the runbook has no such statement");
	return statement.replace("<time in ms>", String(time));
}

it("a customers' shard is put back to before its invoices came: they come again, as they were, and are mailed once", {
	timeout: 300_000,
}, async () => {
	const { cluster, start, people, putBack } = await givenBeforePayment(3, "customer");
	const putBackTo = cluster.world.now;

	await run(cluster, start + 30 * hours);
	const documents = () =>
		cluster.rows<{ id: string; document: string }>("customer", "select id, document from invoices order by id");
	const before = documents();
	expect(before).toHaveLength(people.length);

	putBack();
	expect(documents()).toEqual([]);
	for (const database of cluster.deployments.billing.databases.values()) database.sqlite.exec(bringAgainSince(putBackTo));
	await run(cluster, start + 3 * days);

	expect(documents()).toEqual(before);
	const mails = "select id, status, attempts from notifications where template = 'invoice_issued' order by id";
	const sentOnce = before.map(({ id }) => ({ id: id.replace("inv_", "ntf_"), status: "sent", attempts: 1 }));
	expect(cluster.rows("notification", mails)).toEqual(sentOnce);
	expect(cluster.rows("billing", "select 1 from deliveries where delivered_at is null")).toEqual([]);
	expect(waiting(cluster)).toBe(0);
});

const byId = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
