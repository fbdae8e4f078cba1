import { expect, it } from "vitest";
import { days } from "../../shared/time.ts";
import { begin, run } from "./billing-scene.ts";
import { Cluster } from "./cluster.ts";
import { cards } from "./flows/cards.ts";
import { notifications } from "./flows/notifications.ts";
import { payments } from "./flows/payments.ts";
import { createPeople } from "./people.ts";
import { deploy, topology, waiting } from "./stage.ts";
import { World } from "./world.ts";

it("no e-mail leaves for 72 hours and the customer Worker is down for ten days while plans are billed: every invoice arrives, once", {
	timeout: 300_000,
}, async () => {
	const world = new World(1);
	const cluster = new Cluster(world, topology, deploy());
	const start = world.now;
	const people = createPeople(cluster, 12).filter(({ kind }) => kind !== "signed out");
	const watching = [cards, payments, notifications].map((flow) => flow.start(people));
	for (const flow of watching.slice(1)) flow.plan(cluster, start); // they see what happens, and do nothing
	await begin(cluster, people);
	cluster.windows = [
		{ kind: "mail refused", from: start + 1 * days, to: start + 4 * days },
		{ kind: "down", worker: "customer", from: start + 31 * days, to: start + 41 * days },
	];

	await run(cluster, start + 3 * days); // the first period is charged a day after it began
	const inPortal = () => cluster.rows("customer", "select 1 from invoices").length;
	const mailed = () => cluster.post.copies.filter(({ text }) => /INV-/.test(text)).length;
	expect({ charged: cluster.ledger.charges.length, inPortal: inPortal(), mailed: mailed() }).toEqual({
		charged: people.length,
		inPortal: people.length,
		mailed: 0,
	});
	await run(cluster, start + 5 * days);
	expect(mailed()).toBe(people.length);

	await run(cluster, start + 40 * days); // the second period is charged while nobody can be told
	expect({ charged: cluster.ledger.charges.length, inPortal: inPortal() }).toEqual({
		charged: 2 * people.length,
		inPortal: people.length,
	});
	expect(cluster.objects.left).toHaveLength(people.length);

	await run(cluster, start + 43 * days);
	expect({ inPortal: inPortal(), mailed: mailed() }).toEqual({ inPortal: 2 * people.length, mailed: 2 * people.length });
	expect(cluster.objects.left).toEqual([]);
	expect(waiting(cluster)).toBe(0);
	expect(watching.flatMap((flow) => [...flow.always(cluster), ...flow.violations(cluster)])).toEqual([]);
});
