import { days, hours, minutes } from "../../../shared/time.ts";
import { changeExpert } from "../../../workers/sysops/experts/change-expert.ts";
import { createExpert } from "../../../workers/sysops/experts/create-expert.ts";
import type { NewExpert } from "../../../workers/sysops/experts/schemas.ts";
import { acceptTicket } from "../../../workers/sysops/tickets/accept-ticket.ts";
import { rejectTicket } from "../../../workers/sysops/tickets/reject-ticket.ts";
import { replyToTicket } from "../../../workers/sysops/tickets/reply-to-ticket.ts";
import { resolveTicket } from "../../../workers/sysops/tickets/resolve-ticket.ts";
import { startTicket } from "../../../workers/sysops/tickets/start-ticket.ts";
import type { Answer, Cluster } from "../cluster.ts";
import { insist } from "../insist.ts";
import type { SimulatedCtx } from "../quanta.ts";
import type { StaffTold } from "./assignments-promises.ts";

export const administrator = { email: "administrator@squad.example", role: "administrator" } as const;
export const helpdesk = { email: "helpdesk@squad.example", role: "helpdesk" } as const;
type Actor = { readonly email: string; readonly role: "expert" | "helpdesk" | "administrator" };

/** Who comes for what and where: somebody alone in a region, somebody who is seldom there, and more than one for most. */
const team: readonly Pick<NewExpert, "skills" | "regions" | "capacity">[] = [
	{ skills: { television: 3 }, regions: ["north"], capacity: 2 },
	{ skills: { television: 1, network: 2 }, regions: ["east", "north"], capacity: 3 },
	{ skills: { network: 3 }, regions: ["north", "south"], capacity: 1 },
	{ skills: { network: 1, television: 2 }, regions: ["north", "east"], capacity: 2 },
	{ skills: { television: 2 }, regions: ["south"], capacity: 1 },
];

interface Expert {
	readonly id: string;
	readonly fields: NewExpert;
}

/** What somebody of the staff may rightly hear: things have moved on since they looked. */
const mayHear = ["wrong_status", "not_permitted", "not_found", "unavailable", "version_conflict"];

/** Experts as people are: they look now and then, accept, send back, start, finish, reply, or do nothing at all. */
export class Staff {
	readonly told: StaffTold = { moves: new Set(), rejections: new Set(), replies: new Map(), opened: new Map() };
	readonly wrongAnswers: string[] = [];
	readonly #experts: Expert[] = [];
	#turn = 0;

	plan(cluster: Cluster, until: number): void {
		const { world } = cluster;
		const { random } = world;
		for (const [index, who] of team.entries()) {
			const from = random.pick([8, 8, 8, 12]) * 60;
			const hoursOfDay = { from, to: random.pick([20, 20, 16]) * 60 };
			const always = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, ...hoursOfDay }));
			const named = { name: `Expert ${index} Example`, email: `expert-${index}@squad.example` };
			const fields = { ...who, ...named, active: true, hours: always, absences: [] };
			world.after(random.between(0, 3 * minutes), () => void this.#join(cluster, fields, until));
		}
	}

	async #join(cluster: Cluster, fields: NewExpert, until: number): Promise<void> {
		const { world } = cluster;
		const input = { actor: administrator, expert: fields, idempotencyKey: fields.email };
		const made = await this.ask(cluster, `${fields.name} joins`, (ctx) => createExpert({ ctx, input }), 0);
		if (!made) return;
		const expert = { id: made.id, fields };
		this.#experts.push(expert);
		for (let i = 0; i < 12; i++) {
			const soon = world.random.chance(0.8) ? 30 * minutes : Math.max(minutes, until + 20 * minutes - world.now);
			world.after(world.random.between(0, soon), () => this.look(cluster, expert));
		}
	}

	/** Somebody of the staff asks, again and again while no answer helps. Undefined when it was refused, or too tedious. */
	async ask<T>(cluster: Cluster, what: string, verb: (ctx: SimulatedCtx) => Promise<T>, givesUp = 0.2): Promise<T | undefined> {
		const answer: Answer<T> | undefined = await insist(cluster, what, verb, { worker: "sysops", givesUp });
		if (!answer) return undefined;
		if ("answer" in answer) return answer.answer;
		if ("problem" in answer && !mayHear.includes(answer.problem)) this.wrongAnswers.push(`${what}: ${answer.problem}`);
		return undefined;
	}

	someExpert({ world }: Cluster): Expert | undefined {
		return this.#experts[world.random.between(0, this.#experts.length)];
	}

	/** What is on an expert's list is dealt with a little later, when it may be so no more. */
	look(cluster: Cluster, expert: Expert): void {
		const { random } = cluster.world;
		const list =
			"select id, status, resolutions from tickets where status in ('assigned', 'accepted', 'in_progress') and expert_id =";
		for (const { id, status, resolutions } of cluster.rows<Listed>("sysops", `${list} '${expert.id}'`)) {
			const later = random.chance(0.5) ? random.between(0, 100) : random.between(0, 5 * minutes);
			cluster.world.after(later, () => void this.#act(cluster, expert, { id, status, resolutions }));
			if (random.chance(0.15)) cluster.world.after(later, () => void this.reply(cluster, actorOf(expert), id));
		}
	}

	async #act(cluster: Cluster, expert: Expert, { id: ticketId, status, resolutions }: Listed): Promise<void> {
		const { random } = cluster.world;
		const actor = actorOf(expert);
		const name = `${expert.fields.name}: ${ticketId}`;
		const done = (what: string) => this.told.moves.add(`${ticketId} ${expert.id} ${what}`);
		if (status !== "in_progress" && random.chance(0.12)) return this.reject(cluster, actor, expert.id, ticketId);
		if (random.chance(0.2)) return;
		const input = { actor, ticketId };
		if (status === "assigned") {
			if (await this.ask(cluster, `${name} accepted`, (ctx) => acceptTicket({ ctx, input }))) done("accepted");
		} else if (status === "accepted") {
			if (await this.ask(cluster, `${name} started`, (ctx) => startTicket({ ctx, input }))) done("in_progress");
		} else {
			const note = random.chance(0.5) ? `done ${resolutions + 1}` : null;
			const resolution = { ...input, note };
			if (await this.ask(cluster, `${name} resolved`, (ctx) => resolveTicket({ ctx, input: resolution }))) done("resolved");
		}
	}

	async reject(cluster: Cluster, actor: Actor, expertId: string, ticketId: string): Promise<void> {
		const input = { actor, ticketId, reason: "no time" };
		const rejected = await this.ask(cluster, `${ticketId} sent back`, (ctx) => rejectTicket({ ctx, input }));
		if (rejected && actor.role === "expert") this.told.rejections.add(`${ticketId} ${expertId}`);
	}

	async reply(cluster: Cluster, actor: Actor, ticketId: string): Promise<void> {
		const turn = this.#turn++;
		const text = `reply ${turn}`;
		const input = { actor, ticketId, text, idempotencyKey: `reply-${turn}` };
		const comment = await this.ask(cluster, `${text} on ${ticketId}`, (ctx) => replyToTicket({ ctx, input }));
		if (comment) this.told.replies.set(comment.id, `${ticketId} ${text}`);
	}

	/** Somebody is away for a while, works other hours, or comes no more, or again. */
	async change(cluster: Cluster): Promise<void> {
		const { random, now } = cluster.world;
		const expert = this.someExpert(cluster);
		const [row] = cluster.rows<{ version: number }>("sysops", `select version from experts where id = '${expert?.id}'`);
		if (!expert || !row) return;
		const from = now + random.between(0, 2 * days);
		const absences = random.chance(0.5) ? [{ from, to: from + random.between(hours, 3 * days) }] : [];
		const fields = { ...expert.fields, absences, active: random.chance(0.8), capacity: random.between(1, 4) };
		const input = { actor: administrator, expertId: expert.id, expert: { ...fields, basedOn: row.version } };
		await this.ask(cluster, `${fields.name} changes`, (ctx) => changeExpert({ ctx, input }));
	}
}

const actorOf = ({ fields: { email } }: Expert) => ({ email, role: "expert" }) as const;

interface Listed {
	id: string;
	status: string;
	resolutions: number;
}
