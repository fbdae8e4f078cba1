import { replicateCron } from "../../shared/contracts/replicate.ts";
import { pruneCron, relayCron } from "../../shared/messaging/schedule.ts";
import { someNumber } from "../../shared/testing/card-numbers.ts";
import { hours, minutes } from "../../shared/time.ts";
import { paymentCron } from "../../workers/billing/payments/schedule.ts";
import { openIntent } from "../../workers/customer/cards/open-intent.ts";
import { submitCard } from "../../workers/customer/cards/submit-card.ts";
import { signPlan } from "../../workers/customer/plans/sign-plan.ts";
import { createContract } from "../../workers/sysops/contracts/create-contract.ts";
import { behaviourOf } from "./card-behaviour.ts";
import type { Cluster } from "./cluster.ts";
import { asRequest } from "./fake-request.ts";
import { displayOf, seal } from "./flows/cards-typed.ts";
import type { Person } from "./people.ts";
import { quanta, workers } from "./quanta.ts";

const crons = [relayCron, pruneCron, replicateCron, paymentCron];

/** Every three hours: as often as it takes where nothing fails. */
export async function run(cluster: Cluster, until: number): Promise<void> {
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
	price: { amountMinor: 1990, currency: "EUR" as const },
};

async function answered<T>(asked: Promise<{ answer: T } | object>): Promise<T> {
	const answer = await asked;
	if (!("answer" in answer)) throw new Error(`no answer: ${JSON.stringify(answer)}`);
	return answer.answer;
}

/** There is a contract, and each of these customers has a card that is always good and a plan: in the first three hours. */
export async function begin(cluster: Cluster, people: readonly Person[]): Promise<void> {
	const made = cluster.request("sysops", "a contract", (ctx) =>
		createContract({ ctx, input: { actor: administrator, terms, idempotencyKey: "television" } }),
	);
	await run(cluster, cluster.world.now + 2 * hours);
	const { id: contractId, version } = await answered(made);
	const joined = Promise.all(people.map((person) => join(cluster, person, { contractId, version })));
	await run(cluster, cluster.world.now + 5 * minutes);
	await joined;
}

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
