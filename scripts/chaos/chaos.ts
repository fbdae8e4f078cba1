import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Random } from "../../shared/testing/random.ts";
import { freePort, type SpawnedStack, spawnStack } from "../dev/spawn.ts";
import { readKeyFile } from "../keys/key-file.ts";
import { keyValues } from "../keys/values.ts";
import { backdatePlans, monthsBegun } from "./backdate.ts";
import { cardHolders, type EnteredCard } from "./cards.ts";
import { client, type Promised } from "./clients.ts";
import { insist, type Target } from "./insist.ts";
import { drain, keepRelaying } from "./jobs.ts";
import { type Payer, payArrears, payers, subscribers } from "./payments.ts";
import { staff } from "./staff.ts";
import { readLedger, readMails, readStored } from "./stored.ts";
import { type AnsweredSurvey, answerSurveys } from "./surveys.ts";
import { failures } from "./verdict.ts";
import { paymentsUnderWay } from "./verdict-of-payments.ts";

export interface ChaosReport {
	readonly failures: readonly string[];
	/** What each kill has hit. */
	readonly kills: readonly (Record<"inFlight" | "failed" | "outbox", number> & ReturnType<typeof paymentsUnderWay>)[];
	readonly promised: Promised;
	/** Tickets whose resolution was acknowledged to the staff. */
	readonly resolved: readonly string[];
	readonly surveys: readonly AnsweredSurvey[];
	readonly cards: readonly EnteredCard[];
	readonly paying: readonly Payer[];
	/** Seconds from the end of the faults until every outbox was empty. */
	readonly drained: number;
}

/** A customer of each shard, and how many clients act for one. */
const customers = ["ada", "grace"] as const;
const clientsEach = 3;
const administrator = "administrator@penultimate.example";

/**
 * Kills the whole process group of a local stack `kills` times while customers post tickets, answer surveys, enter cards and
 * are charged for the first or the past months of their plans, and the staff work, each time at a moment that `seed` chooses,
 * and starts it again on the same data. Then checks that every promise was kept.
 */
export async function chaos({
	kills,
	seed,
	home,
	tell,
}: {
	kills: number;
	seed: number;
	home: string;
	tell: (line: string) => void;
}): Promise<ChaosReport> {
	const port = await freePort();
	const random = new Random(seed);
	const killedAt: number[] = [];
	const kill = async (stack: SpawnedStack) => {
		killedAt.push(Date.now());
		stack.kill();
		await stack.ended;
	};
	const start = async ({ mayDieEarly }: { mayDieEarly: boolean }) => {
		const stack = spawnStack({ home, port, rateLimits: false });
		// Now and then the kill comes while the stack is still starting.
		if (mayDieEarly && random.chance(0.15)) {
			await wait(random.between(0, 3000));
			await kill(stack);
			return start({ mayDieEarly });
		}
		await stack.ready;
		const tokens = await Promise.all(customers.map(async (name) => [name, await stack.token(name)] as const));
		return { stack, tokens: Object.fromEntries(tokens), staffToken: await stack.token("--staff", administrator) };
	};
	const running: Target = { ...(await start({ mayDieEarly: false })), inFlight: 0, failed: 0 };
	let isOver = false;
	try {
		const inArrears = await subscribers(running, { name: `arrears-${seed}`, count: 4 });
		running.stack.interrupt();
		await running.stack.ended;
		await backdatePlans(join(home, "state"));
		Object.assign(running, await start({ mayDieEarly: false }));
		const clients = customers.flatMap((customer, c) =>
			Array.from({ length: clientsEach }, (_, i) =>
				client(running, { name: `${customer}${i}`, customer, seed: seed * 1000 + c * 100 + i, isOver: () => isOver }),
			),
		);
		const keys = readKeyFile(join(home, "dev-keys.json"));
		if (!keys) throw new Error("the stack has made no keys");
		const surveyKeys = keyValues(keys, "customer")["SURVEY_KEYS"] ?? "";
		const experts = staff(running, () => isOver);
		const surveying = customers.map((customer, c) =>
			answerSurveys(running, { customer, keys: surveyKeys, seed: seed * 1000 + 900 + c, isOver: () => isOver }),
		);
		const entering = customers.map((_, c) =>
			cardHolders(running, { name: `card-${seed}-${c}`, seed: seed * 1000 + 800 + c, isOver: () => isOver }),
		);
		const paying = [
			payArrears(running, inArrears, { seed: seed * 1000 + 600, months: monthsBegun }),
			...customers.map((_, c) =>
				payers(running, { name: `payer-${seed}-${c}`, seed: seed * 1000 + 700 + c, isOver: () => isOver }),
			),
		];
		// A client that was refused ends the run at once instead of after the last kill.
		const work = Promise.all([Promise.all(clients), experts, Promise.all(surveying), Promise.all(entering), Promise.all(paying)]);
		const relaying = keepRelaying(running, () => isOver);
		const hits: ChaosReport["kills"][number][] = [];
		for (let n = 1; n <= kills; n++) {
			await Promise.race([wait(random.between(300, 2500)), work]);
			const { stack, inFlight, failed } = running;
			await kill(stack);
			const stored = readStored(join(home, "state"));
			const money = paymentsUnderWay(stored);
			const outbox = Object.values(stored)
				.flat()
				.reduce((sum, database) => sum + (database["outbox"]?.length ?? 0), 0);
			Object.assign(running, await start({ mayDieEarly: true }));
			hits.push({ inFlight, failed: running.failed - failed, outbox, ...money });
			tell(
				`kill ${n}: ${inFlight} requests in flight, ${running.failed - failed} attempts failed until it was back, ${outbox} events in the outboxes; ${money.months} months to be paid, ${money.charges} charges, ${money.invoices} invoices and ${money.mails} of their mails under way`,
			);
		}
		await Promise.race([wait(500), work]);
		isOver = true;
		const [acknowledged, resolved, surveys, cards, plans] = await work;
		const promised = merge(acknowledged);
		await relaying;
		const drained = await drain(running, plans.flat());
		const listed = await listAll(running);
		await kill(running.stack); // who is stopped otherwise clears the mails away
		const mails = readMails(home);
		const stored = readStored(join(home, "state"));
		const ledger = readLedger(join(home, "state"));
		const evidence = { promised, resolved, surveys: surveys.flat(), cards: cards.flat(), paying: plans.flat() };
		return { failures: failures({ ...evidence, listed, stored, ledger, mails, killedAt }), kills: hits, ...evidence, drained };
	} finally {
		isOver = true;
		running.stack.kill();
		await running.stack.ended;
	}
}

/** The ids in the customers' own lists, page by page as a client reads them. */
async function listAll(target: Target): Promise<Set<string>> {
	const ids = new Set<string>();
	for (const customer of customers) {
		let cursor = "";
		do {
			const query = new URLSearchParams({ limit: "100", ...(cursor ? { cursor } : {}) });
			const headers = { authorization: `Bearer ${target.tokens[customer]}` };
			const wish = { worker: "customer", path: `/api/v1/tickets?${query}`, headers, until: [200] } as const;
			const { body } = await insist<{ items: { id: string }[]; next: string | null }>(target, wish);
			for (const { id } of body.items) ids.add(id);
			cursor = body.next ?? "";
		} while (cursor);
	}
	return ids;
}

const merge = (all: readonly Promised[]): Promised => ({
	tickets: all.flatMap(({ tickets }) => tickets),
	comments: all.flatMap(({ comments }) => comments),
	cancellations: all.flatMap(({ cancellations }) => cancellations),
});
