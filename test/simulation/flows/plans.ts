import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../scripts/run.ts";
import { days, hours, minutes } from "../../../shared/time.ts";
import { getPlan } from "../../../workers/customer/plans/get-plan.ts";
import type { WantedLine } from "../../../workers/customer/plans/schemas.ts";
import { signPlan } from "../../../workers/customer/plans/sign-plan.ts";
import { changeEmail } from "../../../workers/customer/profile/change-email.ts";
import { changeProfile } from "../../../workers/customer/profile/change-profile.ts";
import { restoreVersion } from "../../../workers/sysops/contracts/restore-version.ts";
import type { Cluster } from "../cluster.ts";
import type { Flow, FlowKind } from "../flow.ts";
import { insist } from "../insist.ts";
import type { Person } from "../people.ts";
import type { SimulatedCtx } from "../quanta.ts";
import { type Expected, never, plansAtEveryMoment, plansInTheEnd, wishOf, witnesses } from "./plans-promises.ts";

/** Plans and profiles, from the customer to billing. */
export const plans: FlowKind = { witnesses, start: (people) => new PlansFlow(people, false) };

/** The same over months, in which people change their minds again and again, and their shard says so late. */
export const plansOverMonths: FlowKind = { witnesses, start: (people) => new PlansFlow(people, true) };

/** What the runbook of docs/contracts.md asks a customer's shard. */
const selectLostVersions = readFileSync(join(root, "scripts/lost-versions.sql"), "utf8");
interface LostVersion {
	contract_id: string;
	version: number;
	body: string;
}
const actor = { email: "administrator@squad.example", role: "administrator" } as const;

class PlansFlow implements Flow {
	readonly #people: readonly Person[];
	readonly #expected: Expected = { wishes: new Map(), names: new Map(), emails: new Map() };
	readonly #wrongAnswers: string[] = [];
	readonly #counts = { plans: 0, cancelled: 0, profiles: 0, emails: 0, notOffered: 0, takenBack: 0 };

	readonly #overMonths: boolean;

	constructor(people: readonly Person[], overMonths: boolean) {
		this.#overMonths = overMonths;
		this.#people = people.filter(({ kind }) => kind === "in order" || kind === "signed out");
	}

	plan(cluster: Cluster, until: number): void {
		const { world } = cluster;
		const { random } = world;
		for (const person of this.#people) {
			this.#expected.wishes.set(person.customerId, new Set([never]));
			this.#expected.names.set(person.customerId, new Set(person.names));
			if (this.#overMonths) {
				void this.#changesMind(cluster, person, until);
				continue;
			}
			const begins = random.between(0, random.chance(0.7) ? 20 * minutes : until - world.now);
			world.after(begins, () => void this.#wishes(cluster, person, until));
			if (random.chance(0.6)) world.after(random.between(0, 20 * minutes), () => void this.#renames(cluster, person));
			if (random.chance(0.3)) this.#moves(cluster, person);
		}
		if (this.#overMonths) return; // nothing is put back there
		for (let after = 0; after < 48 * hours; after += hours) world.at(until + after, () => this.#takeBack(cluster));
		// where time goes on for months
		for (let after = 2 * days; after < 82 * days; after += 12 * hours) world.at(until + after, () => this.#takeBack(cluster));
	}

	/** One thing after the other; now and then two at the same time, from two devices. */
	async #wishes(cluster: Cluster, person: Person, until: number): Promise<void> {
		const { world } = cluster;
		const { random } = world;
		// some have signed long ago, and their shard comes to say so only now: then several periods have come already
		let ago = random.chance(0.5) ? longAgoOf(cluster) : 0;
		for (let turn = random.between(1, 6); turn > 0; turn--) {
			const devices = random.chance(0.2) ? 2 : 1;
			await this.#sign(
				cluster,
				person,
				Array.from({ length: devices }, () => someWish(cluster, person)),
				ago,
			);
			ago = random.chance(0.5) ? 0 : Math.floor(ago * random.unit());
			const longest = random.chance(0.7) ? 10 * minutes : Math.max(minutes, until - world.now) / turn;
			await new Promise<void>((resolve) => world.after(random.between(1, longest), resolve));
		}
	}

	/**
	 * Now and then over months. Each wish may be one of a while ago, though not of before the last one: then periods that
	 * have been charged by now should have cost something else.
	 */
	async #changesMind(cluster: Cluster, person: Person, until: number): Promise<void> {
		const { world } = cluster;
		const { random } = world;
		await pause(cluster, random.between(20 * minutes, random.chance(0.8) ? days : (until - world.now) / 2));
		let said = world.now - (random.chance(0.5) ? longAgoOf(cluster) : 0);
		for (let left = random.between(3, 8); left > 0 && world.now < until; left--) {
			const wishes = Array.from({ length: random.chance(0.1) ? 2 : 1 }, () => someWish(cluster, person));
			await this.#sign(cluster, person, wishes, world.now - said);
			if (random.chance(0.15)) void this.#renames(cluster, person);
			await pause(cluster, random.between(hours, Math.max(days, (2 * (until - world.now)) / left)));
			const most = world.now - said - minutes;
			said = random.chance(0.4) ? world.now : world.now - random.between(0, Math.min(Math.max(1, most), 40 * days));
		}
	}

	async #sign(cluster: Cluster, person: Person, wishes: readonly WantedLine[][], ago: number): Promise<void> {
		const { customerId } = person;
		const before = this.#expected.wishes.get(customerId) ?? new Set();
		const heard = new Set<string>();
		const perhaps = new Set<string>();
		this.#expected.wishes.set(customerId, new Set([...before, ...wishes.map(wishOf)])); // while nothing is heard, anything may be
		const outcomes = wishes.map(async (lines) => {
			if (cluster.world.now > person.sessionEnds) return;
			if (lines.length === 0) person.mayHear.add("no_active_plan"); // for tickets, later
			const input = { session: person, lines };
			const signed = await insist(
				cluster,
				`${customerId} signs ${wishOf(lines)}${ago > 0 ? `, ${ago / days} days ago` : ""}`,
				(ctx) => signPlan({ ctx: longAgo(ctx, ago), input }),
			);
			if (signed && "answer" in signed) {
				heard.add(wishOf(lines));
				this.#counts[lines.length > 0 ? "plans" : "cancelled"] += 1;
				if (person.kind === "signed out") this.#wrongAnswers.push(`${customerId} was signed out, and signed`);
			} else if (signed?.problem === "contract_not_offered") {
				this.#counts.notOffered += 1; // then certainly nothing of it was done
			} else {
				perhaps.add(wishOf(lines));
				this.#check(person, signed?.problem, lines.length === 0 ? "nothing_to_cancel" : "unavailable");
			}
		});
		await Promise.all(outcomes);
		this.#expected.wishes.set(customerId, new Set([...(heard.size > 0 ? heard : before), ...perhaps]));
	}

	#check(person: Person, problem: string | undefined, ...rightly: string[]): void {
		if (problem === undefined || problem === "unavailable" || rightly.includes(problem)) return;
		if (problem === "session_revoked" && person.mayHear.has(problem)) return;
		this.#wrongAnswers.push(`a customer who is ${person.kind} was answered ${problem}`);
	}

	async #renames(cluster: Cluster, person: Person): Promise<void> {
		const { world } = cluster;
		for (let turn = 1; turn < world.random.between(2, 5); turn++) {
			if (world.now > person.sessionEnds) return;
			const name = `${person.names[0]}, ${turn} times renamed`;
			person.names.push(name);
			const address = { street: `${turn} Main Street`, postalCode: "10115", city: "Berlin", country: "DE" };
			const others = { region: "north", phone: `+49 30 555010${turn}`, language: "en" } as const;
			const notify = { email: world.random.chance(0.7), sms: world.random.chance(0.3) };
			const input = { session: person, name, ...address, ...others, notify };
			this.#expected.names.get(person.customerId)?.add(name);
			const changed = await insist(cluster, `${name} says so`, (ctx) => changeProfile({ ctx, input }));
			if (changed && "answer" in changed) {
				this.#expected.names.set(person.customerId, new Set([name]));
				this.#counts.profiles += 1;
			} else this.#check(person, changed?.problem);
			await new Promise<void>((resolve) => world.after(world.random.between(1, hours), resolve));
		}
	}

	/** identity repeats each change until it is answered, whatever comes in between. */
	#moves(cluster: Cluster, { customerId }: Person): void {
		const { world } = cluster;
		const count = world.random.between(1, 4);
		const addresses = Array.from({ length: count }, (_, turn) => `move-${turn}@people.example`);
		this.#expected.emails.set(customerId, new Set([...addresses, "somebody@people.example"]));
		for (const [turn, email] of addresses.entries()) {
			const input = { customerId, email, changedAt: world.now + turn };
			const change = async () => {
				await insist(cluster, input.email, (ctx) => changeEmail({ ctx, input }), { givesUp: 0 });
				this.#counts.emails += 1;
				// this one, or a later one
				const expected = this.#expected.emails.get(customerId);
				this.#expected.emails.set(customerId, new Set(addresses.slice(turn).filter((later) => expected?.has(later))));
			};
			world.after(world.random.between(1, 40 * minutes), () => void change());
		}
	}

	/** When sysops was put back, a version may be gone that somebody has signed and billing never saw: docs/contracts.md. */
	#takeBack(cluster: Cluster): void {
		for (const database of cluster.deployments.customer.databases.values()) {
			for (const { contract_id: contractId, version, body } of database.all<LostVersion>(selectLostVersions)) {
				const input = { actor, contractId, version, ...JSON.parse(body) };
				const restored = cluster.request("sysops", `${contractId} is taken back`, (ctx) => restoreVersion({ ctx, input }));
				void restored.then((answer) => {
					if ("problem" in answer) this.#wrongAnswers.push(`a version was not taken back: ${answer.problem}`);
					this.#counts.takenBack += 1;
				});
			}
		}
	}

	always(cluster: Cluster): string[] {
		return plansAtEveryMoment(cluster);
	}

	violations(cluster: Cluster): string[] {
		return [...this.#wrongAnswers, ...plansInTheEnd(cluster, this.#expected)];
	}

	/** A customer sees a plan that was told. */
	async afterwards(cluster: Cluster): Promise<string[]> {
		const found: string[] = [];
		for (const { customerId } of this.#people) {
			const seen = await cluster.request("customer", "a look at the plan", (ctx) => getPlan({ ctx, input: { customerId } }));
			const plan = "answer" in seen ? seen.answer : undefined;
			const wishes = this.#expected.wishes.get(customerId);
			if (!plan || !(wishes?.has(wishOf((plan.next ?? plan).lines)) || wishes?.has(never))) {
				found.push(`${customerId} sees another plan`);
			}
		}
		return found;
	}

	checked() {
		return {
			"acknowledged plans": this.#counts.plans,
			"acknowledged ends of plans": this.#counts.cancelled,
			"wishes for what is not on offer": this.#counts.notOffered,
			"acknowledged profiles": this.#counts.profiles,
			"changes of e-mail addresses": this.#counts.emails,
			"versions taken back after a restore": this.#counts.takenBack,
		};
	}
}

const pause = ({ world }: Cluster, duration: number) => new Promise<void>((resolve) => world.after(duration, resolve));

/** Any time ago, or so long that the next period is to be charged within hours: by then a late change may have come. */
function longAgoOf({ world: { random } }: Cluster): number {
	const months = random.pick([31, 61, 92]); // before January
	return random.chance(0.3) ? random.between(1, 100) * days : (months + 1) * days - random.between(20 * minutes, 8 * hours);
}

/** What was done so many milliseconds ago. */
const longAgo = (ctx: SimulatedCtx, ago: number): SimulatedCtx => ({ ...ctx, now: () => ctx.now() - ago });

/** Something of what is on offer in the customer's shard, seldom an older version, or the end. */
function someWish({ world, deployments }: Cluster, { customerId }: Person): WantedLine[] {
	const { random } = world;
	if (random.chance(0.2)) return [];
	const database = deployments.customer.databases.get(customerId.slice(4, 6));
	const some = random.chance(0.9) ? "where offered" : "";
	const text = `select contract_id as contractId, max(version) as version from contract_versions ${some} group by contract_id`;
	const choices = database?.all<WantedLine>(random.chance(0.9) ? text : text.replace("max", "min")) ?? [];
	return choices.filter(() => random.chance(2 / choices.length)).slice(0, 5);
}
