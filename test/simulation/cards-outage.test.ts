import { describe, expect, it } from "vitest";
import { pruneCron, relayCron } from "../../shared/messaging/schedule.ts";
import { someNumber } from "../../shared/testing/card-numbers.ts";
import { days, hours, minutes } from "../../shared/time.ts";
import { openIntent } from "../../workers/customer/cards/open-intent.ts";
import { submitCard } from "../../workers/customer/cards/submit-card.ts";
import { behaviourOf } from "./card-behaviour.ts";
import { Cluster } from "./cluster.ts";
import { asRequest } from "./fake-request.ts";
import { cards } from "./flows/cards.ts";
import { displayOf, seal } from "./flows/cards-typed.ts";
import { notifications } from "./flows/notifications.ts";
import { createPeople, type Person } from "./people.ts";
import { workers } from "./quanta.ts";
import { deploy, topology, waiting } from "./stage.ts";
import { type DatabaseCall, Life } from "./wire.ts";
import { World } from "./world.ts";

/** Every four hours: as often as it takes here. */
async function run({ world, ...cluster }: Pick<Cluster, "world" | "cron">, until: number): Promise<void> {
	while (world.now < until) {
		await world.runFor(Math.min(4 * hours, until - world.now));
		for (const worker of workers) for (const cron of [relayCron, pruneCron]) cluster.cron(worker, cron);
		await world.runFor(10_000);
	}
}

/** A customer enters a card that was never entered before; what its submission asked of the databases. */
async function enter(cluster: Cluster, session: Person, day: number): Promise<readonly DatabaseCall[]> {
	const { world } = cluster;
	const opened = await cluster.request("customer", `the form on day ${day}`, (ctx) =>
		openIntent({ ctx: asRequest(cluster, ctx), input: { session, idempotencyKey: undefined } }),
	);
	if (!("answer" in opened)) throw new Error("no intent");
	const { answer } = opened;
	let pan = someNumber(world.random, "4");
	while (behaviourOf(pan).kind === "declined") pan = someNumber(world.random, "4");
	const card = { pan, expMonth: 12, expYear: 2030, fault: undefined };
	const intent = { ...answer, kid: answer.key.kid, expiresAt: Date.parse(answer.expiresAt) };
	const input = { session, cardId: answer.cardId, jwe: seal(card, intent, world.now), ...displayOf(card) };
	const life = new Life();
	life.calls = [];
	const sent = await cluster.request("customer", `a card on day ${day}`, (ctx) => submitCard({ ctx, input }), life);
	expect(sent).toMatchObject({ answer: { state: "submitted" } });
	return life.calls;
}

/** Billing is away for so many days from day 1; customers enter cards on these days. What becomes of them two days later. */
async function outage(awayFor: number, onDays: readonly number[]) {
	const world = new World(1);
	const cluster = new Cluster(world, topology, deploy());
	const start = world.now;
	const people = createPeople(cluster, 12).filter(({ kind }) => kind !== "signed out");
	const watching = [cards, notifications].map((flow) => flow.start([]));
	watching.at(-1)?.plan(cluster, start); // it sees what leaves
	const back = start + (1 + awayFor) * days;
	cluster.windows = [{ kind: "down", worker: "billing", from: start + 1 * days, to: back }];
	const running = { world, cron: cluster.cron.bind(cluster) };

	const costs: (readonly DatabaseCall[])[] = [];
	for (const day of onDays) {
		await run(running, start + day * days + 2 * hours);
		for (const person of people) void enter(cluster, person, day).then((calls) => costs.push(calls));
		await run(running, world.now + 1 * minutes);
	}
	await run(running, back - 1 * hours);
	const duringOutage = ofCustomers(cluster);
	await run(running, back + 2 * days);

	expect(waiting(cluster)).toBe(0);
	expect(watching.flatMap((flow) => flow.always(cluster))).toEqual([]);
	const asked = cluster.rows<{ id: string; content: string }>("customer", "select id, content from asked");
	const left = new Set(cluster.post.copies.map(({ id }) => id));
	const told = asked.filter(({ id }) => left.has(id)).map(({ content }) => JSON.parse(content).reason);
	return { people, costs, duringOutage, afterwards: ofCustomers(cluster), told, copies: cluster.post.copies, cluster };
}

/** The cards as their customers see them, the oldest first. */
const ofCustomers = (cluster: Cluster) =>
	cluster
		.rows<{ state: string; reason: string | null; submitted_at: number }>(
			"customer",
			"select state, reason, submitted_at from cards",
		)
		.sort((a, b) => a.submitted_at - b.submitted_at)
		.map(({ state, reason }) => (reason === null ? state : `${state}: ${reason}`));

describe("billing is away", () => {
	it("for ten days: a card costs its customer what it always did, and each is verified when billing is back", {
		timeout: 120_000,
	}, async () => {
		const onDays = [0, 1.5, 4, 7, 10];
		const { people, costs, duringOutage, afterwards, told, copies, cluster } = await outage(10, onDays);
		const entered = onDays.length * people.length;

		const [first = []] = costs;
		expect(first.map(({ statements }) => statements.length)).toEqual([4]);
		expect(costs).toEqual(Array.from({ length: entered }, () => first));

		const before = Array.from({ length: people.length }, () => "verified"); // those of day 0
		expect(duringOutage).toEqual([...before, ...Array.from({ length: entered - people.length }, () => "submitted")]);
		expect(afterwards).toEqual(Array.from({ length: entered }, () => "verified"));
		expect(cluster.rows("billing", "select 1 from vault")).toHaveLength(entered);
		expect(told).toEqual(Array.from({ length: entered }, () => null));
		expect(copies).toHaveLength(entered);
	});

	it("for sixteen days: what has waited for more than fifteen is stale, and its customer is told why", {
		timeout: 120_000,
	}, async () => {
		const { people, duringOutage, afterwards, told, copies, cluster } = await outage(16, [1.1, 9]);
		const of = (what: string | null) => Array.from({ length: people.length }, () => what);
		expect(duringOutage).toEqual([...of("submitted"), ...of("submitted")]);
		expect(afterwards).toEqual([...of("rejected: stale"), ...of("verified")]);
		expect(cluster.rows("billing", "select 1 from vault")).toHaveLength(people.length);
		expect(told.sort()).toEqual([...of(null), ...of("stale")].sort());
		expect(copies).toHaveLength(2 * people.length);
	});
});
