import { relayCron } from "../../../shared/messaging/schedule.ts";
import { minutes } from "../../../shared/time.ts";
import { cancelTicket } from "../../../workers/sysops/tickets/cancel-ticket.ts";
import { openTicket } from "../../../workers/sysops/tickets/open-ticket.ts";
import type { Cluster } from "../cluster.ts";
import type { Flow, FlowKind } from "../flow.ts";
import type { Person } from "../people.ts";
import { assignmentsAtEveryMoment, assignmentsInTheEnd, closingsInTheEnd } from "./assignments-promises.ts";
import { customer, sysops } from "./assignments-witnesses.ts";
import { helpdesk, Staff } from "./staff.ts";

/** From a ticket that waits to the visit that ends it: experts, helpdesk, and what the customer sees of it. */
export const assignments: FlowKind = { witnesses: { customer, sysops }, start: (people) => new AssignmentsFlow(people) };

const someTicket = "select id, expert_id from tickets where status in ('queued', 'assigned', 'accepted') order by id";

class AssignmentsFlow implements Flow {
	readonly #people: readonly Person[];
	readonly #staff = new Staff();
	#cancelled = 0;

	constructor(people: readonly Person[]) {
		this.#people = people.filter(({ kind }) => kind === "in order");
	}

	plan(cluster: Cluster, until: number): void {
		const { world } = cluster;
		const { random } = world;
		this.#staff.plan(cluster, until);
		const sometime = () => random.between(0, random.chance(0.7) ? 25 * minutes : until - world.now);
		for (let i = 0; i < 4; i++) world.after(sometime(), () => void this.#open(cluster, i));
		for (let i = 0; i < 3; i++) world.after(sometime(), () => void this.#cancel(cluster));
		for (let i = 0; i < 3; i++) world.after(sometime(), () => void this.#writes(cluster));
	}

	/** While assignment runs, the staff go on with their work: so one meets the other. */
	atCron(cluster: Cluster): void {
		const { random } = cluster.world;
		const soon = (act: () => unknown) => cluster.world.after(random.between(0, 150), () => void act());
		if (random.chance(0.15)) soon(() => this.#staff.change(cluster));
		if (random.chance(0.04)) soon(() => this.#cancel(cluster));
		const expert = this.#staff.someExpert(cluster);
		if (expert && random.chance(0.2)) soon(() => this.#staff.look(cluster, expert));
	}

	/** Somebody phones. */
	async #open(cluster: Cluster, turn: number): Promise<void> {
		const { random } = cluster.world;
		const person = this.#people[random.between(0, this.#people.length)];
		if (!person) return;
		const text = `on the phone ${turn}`;
		const address = { street: "Main Street 1", postalCode: "10115", city: "Berlin", country: "DE", phone: "+49 30 5550100" };
		const customer = { name: person.names[0] ?? "", ...address, region: random.pick(["north", "east", "south"]) };
		const ticket = { device: `device ${turn}`, category: random.pick(["television", "network"]), priority: "high" } as const;
		const wish = { ...ticket, text, availability: ["morning", "afternoon"] as ("morning" | "afternoon")[] };
		const input = { actor: helpdesk, customerId: person.customerId, ...wish, customer, idempotencyKey: `phone-${turn}` };
		const opened = await this.#staff.ask(cluster, text, (ctx) => openTicket({ ctx, input }));
		if (opened) this.#staff.told.opened.set(opened.id, `${person.customerId} ${text}`);
	}

	/** Somebody phones to cancel, or is sick. */
	async #cancel(cluster: Cluster): Promise<void> {
		const { random } = cluster.world;
		const all = cluster.rows<{ id: string; expert_id: string | null }>("sysops", someTicket);
		const ticket = all[random.between(0, all.length)];
		if (!ticket) return;
		const { id: ticketId, expert_id: expertId } = ticket;
		if (expertId !== null && random.chance(0.5)) return this.#staff.reject(cluster, helpdesk, expertId, ticketId);
		const input = { actor: helpdesk, ticketId };
		const done = await this.#staff.ask(cluster, `${ticketId} is cancelled on the phone`, (ctx) => cancelTicket({ ctx, input }));
		if (done) this.#cancelled += 1;
	}

	async #writes(cluster: Cluster): Promise<void> {
		const all = cluster.rows<{ id: string }>("sysops", "select id from tickets order by id");
		const ticket = all[cluster.world.random.between(0, all.length)];
		if (ticket) await this.#staff.reply(cluster, helpdesk, ticket.id);
	}

	always(cluster: Cluster): string[] {
		return assignmentsAtEveryMoment(cluster);
	}

	violations(cluster: Cluster): string[] {
		const { told, wrongAnswers } = this.#staff;
		return [...wrongAnswers, ...assignmentsInTheEnd(cluster, told), ...closingsInTheEnd(cluster)];
	}

	/** One more run of assignment: then every ticket that has waited for it, and still waits, says why. */
	async afterwards(cluster: Cluster): Promise<string[]> {
		const { now } = cluster.world;
		cluster.cron("sysops", relayCron);
		await new Promise<void>((resolve) => cluster.world.after(minutes, resolve));
		const silent = `select id from tickets where status = 'queued' and waiting_reason is null and changed_at < ${now}`;
		return cluster.rows<{ id: string }>("sysops", silent).map(({ id }) => `${id} waits, and nobody knows why`);
	}

	checked() {
		const { moves, rejections, replies, opened } = this.#staff.told;
		return {
			"acknowledged moves of experts": moves.size,
			"acknowledged rejections": rejections.size,
			"acknowledged replies": replies.size,
			"tickets opened on the phone": opened.size,
			"tickets cancelled on the phone": this.#cancelled,
		};
	}
}
