import { expect, it } from "vitest";
import { replicateCron } from "../../shared/contracts/replicate.ts";
import { pruneCron, relayCron } from "../../shared/messaging/schedule.ts";
import { someNumber } from "../../shared/testing/card-numbers.ts";
import { days, hours, minutes } from "../../shared/time.ts";
import { paymentCron } from "../../workers/billing/payments/schedule.ts";
import { openIntent } from "../../workers/customer/cards/open-intent.ts";
import { submitCard } from "../../workers/customer/cards/submit-card.ts";
import { signPlan } from "../../workers/customer/plans/sign-plan.ts";
import { createContract } from "../../workers/sysops/contracts/create-contract.ts";
import { behaviourOf } from "./card-behaviour.ts";
import { Cluster } from "./cluster.ts";
import { asRequest } from "./fake-request.ts";
import { cards } from "./flows/cards.ts";
import { displayOf, seal } from "./flows/cards-typed.ts";
import { notifications } from "./flows/notifications.ts";
import { payments } from "./flows/payments.ts";
import { createPeople, type Person } from "./people.ts";
import { quanta, workers } from "./quanta.ts";
import { deploy, topology, waiting } from "./stage.ts";
import { World } from "./world.ts";

const crons = [relayCron, pruneCron, replicateCron, paymentCron];

/** Every three hours: as often as it takes here. */
async function run(cluster: Cluster, until: number): Promise<void> {
	const { world } = cluster;
	while (world.now < until) {
		await world.runFor(Math.min(3 * hours, until - world.now));
		for (const worker of workers) {
			for (const cron of crons) if (cron in quanta[worker].crons) cluster.cron(worker, cron);
		}
		await world.runFor(11 * minutes);
	}
}

const administrator = { email: "administrator@squad.example", role: "administrator" } as const;
const terms = {
	name: "Television care",
	summary: "Somebody comes.",
	devices: ["television" as const],
	coverage: ["Visits"],
	responseHours: 24,
	price: { amountMinor: 1990, currency: "EUR" },
};

async function answered<T>(asked: Promise<{ answer: T } | object>): Promise<T> {
	const answer = await asked;
	if (!("answer" in answer)) throw new Error(`no answer: ${JSON.stringify(answer)}`);
	return answer.answer;
}

/** A customer enters a card that is always good, and signs a plan. */
async function join(cluster: Cluster, session: Person, line: { contractId: string; version: number }): Promise<void> {
	const { random, now } = cluster.world;
	const ask = <T>(verb: Parameters<typeof cluster.request<T>>[2]) => answered<T>(cluster.request("customer", "joins", verb));
	const input = { session, idempotencyKey: undefined };
	const intent = await ask((ctx) => openIntent({ ctx: asRequest(cluster, ctx), input }));
	let pan = someNumber(random, "4");
	while (behaviourOf(pan).kind !== "good") pan = someNumber(random, "4");
	const card = { pan, expMonth: 12, expYear: 2030, fault: undefined };
	const jwe = seal(card, { ...intent, kid: intent.key.kid, expiresAt: Date.parse(intent.expiresAt) }, now);
	await ask((ctx) => submitCard({ ctx, input: { session, cardId: intent.cardId, jwe, ...displayOf(card) } }));
	await ask((ctx) => signPlan({ ctx, input: { session, lines: [line] } }));
}

it("no e-mail leaves for 72 hours and the customer Worker is down for ten days while plans are billed: every invoice arrives, once", {
	timeout: 300_000,
}, async () => {
	const world = new World(1);
	const cluster = new Cluster(world, topology, deploy());
	const start = world.now;
	const people = createPeople(cluster, 12).filter(({ kind }) => kind !== "signed out");
	const watching = [cards, payments, notifications].map((flow) => flow.start(people));
	for (const flow of watching.slice(1)) flow.plan(cluster, start); // they see what happens, and do nothing
	const made = cluster.request("sysops", "a contract", (ctx) =>
		createContract({ ctx, input: { actor: administrator, terms, idempotencyKey: "television" } }),
	);
	await run(cluster, start + 3 * hours);
	const { id: contractId, version } = await answered(made);
	const joined = people.map((person) => join(cluster, person, { contractId, version }));
	cluster.windows = [
		{ kind: "mail refused", from: start + 1 * days, to: start + 4 * days },
		{ kind: "down", worker: "customer", from: start + 31 * days, to: start + 41 * days },
	];

	await run(cluster, start + 3 * days); // the first period is charged a day after it began
	await Promise.all(joined);
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
