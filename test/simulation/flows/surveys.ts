import { minutes } from "../../../shared/time.ts";
import { surveyLifetime } from "../../../workers/customer/surveys/invitation.ts";
import type { SurveyAnswers } from "../../../workers/customer/surveys/schemas.ts";
import { submitSurvey } from "../../../workers/customer/surveys/submit-survey.ts";
import { requestReopening } from "../../../workers/customer/tickets/request-reopening.ts";
import type { Cluster } from "../cluster.ts";
import { fakeSurveyTokens } from "../fake-survey-tokens.ts";
import type { Flow, FlowKind } from "../flow.ts";
import { insist } from "../insist.ts";
import type { Person } from "../people.ts";
import { reportsInTheEnd } from "./reports-promises.ts";

/** One answer a survey, and none of it stays with the customer's data. */
const witness = `
	create trigger survey_answered_twice after update on surveys when old.answered_at is not null
		and (new.answered_at is not old.answered_at or new.answer_key is not old.answer_key)
	begin insert into violations values ('answered twice: ' || new.id); end;
`;

/** What customers do once a ticket is resolved: they answer the survey, from the mail or from the portal, or reopen it. */
export const surveys: FlowKind = { witnesses: { customer: witness }, start: (people) => new SurveysFlow(people) };

interface SurveyRow {
	id: string;
	ticket_id: string;
	expires_at: number;
}

/** A ticket that is called resolved long after it was has no survey any more. */
const selectUnasked = `select id, changed_at from tickets as t where status = 'resolved' and not exists (
	select 1 from surveys where ticket_id = t.id and id = 'srv_' || substr(t.id, 5) || '_' || t.resolutions)`;

interface Answered {
	id: string;
	answers: string;
}
const selectAnswers = `select id, json_array(satisfaction, expertise, punctuality, friendliness, solved) as answers from surveys`;
const textOf = ({ satisfaction, expertise, punctuality, friendliness, solved }: SurveyAnswers) =>
	JSON.stringify([satisfaction, expertise, punctuality, friendliness, Number(solved)]);

class SurveysFlow implements Flow {
	readonly #people: readonly Person[];
	/** Survey → what was answered and acknowledged; and all that was tried. */
	readonly #acknowledged = new Map<string, string>();
	readonly #tried = new Map<string, Set<string>>();
	readonly #wrongAnswers: string[] = [];
	readonly #counts = { reopened: 0, twice: 0, mailed: 0 };
	#turn = 0;

	constructor(people: readonly Person[]) {
		this.#people = people;
	}

	plan(cluster: Cluster, until: number): void {
		const { world } = cluster;
		const { random } = world;
		for (const person of this.#people) {
			for (let i = 0; i < 3; i++) {
				const at = random.chance(0.6)
					? random.between(8 * minutes, 40 * minutes)
					: random.between(0, until + 20 * minutes - world.now);
				world.after(at, () => this.#looks(cluster, person));
			}
		}
	}

	/** A customer finds out what is resolved. */
	#looks(cluster: Cluster, person: Person): void {
		const { random } = cluster.world;
		const database = cluster.deployments.customer.databases.get(person.customerId.slice(4, 6));
		const open = database?.all<SurveyRow>(
			"select id, ticket_id, expires_at from surveys where customer_id = ? and answered_at is null order by id",
			person.customerId,
		);
		for (const survey of open ?? []) {
			const devices = random.chance(0.2) ? 2 : 1;
			if (random.chance(0.8)) for (let i = 0; i < devices; i++) void this.#answer(cluster, survey);
			if (random.chance(0.3)) void this.#reopen(cluster, person, survey.ticket_id);
		}
	}

	async #answer(cluster: Cluster, { id, expires_at: expiresAt }: SurveyRow): Promise<void> {
		const { random } = cluster.world;
		const rating = () => random.pick([1, 2, 3, 4, 5]);
		const ratings = { satisfaction: rating(), expertise: rating(), punctuality: rating(), friendliness: rating() };
		const answers: SurveyAnswers = { ...ratings, solved: random.chance(0.7) };
		const mailed = cluster.post.copies
			.map(({ text }) => /\/surveys\/(\S+)/.exec(text)?.[1])
			.find((found) => found?.startsWith(`${id}.`));
		const token = mailed ?? (await fakeSurveyTokens.sign({ surveyId: id, expiresAt }));
		this.#counts.mailed += Number(mailed !== undefined);
		this.#tried.set(id, (this.#tried.get(id) ?? new Set()).add(textOf(answers)));
		const input = { token, answers, idempotencyKey: `survey-${this.#turn++}` };
		const heard = await insist(cluster, `${id} is answered`, (ctx) => submitSurvey({ ctx, input }));
		if (!heard) return;
		if ("answer" in heard) {
			if (this.#acknowledged.has(id)) this.#wrongAnswers.push(`${id} was answered twice`);
			this.#acknowledged.set(id, textOf(answers));
		} else if (heard.problem === "survey_answered") this.#counts.twice += 1;
		else if (heard.problem !== "unavailable" && cluster.world.now < expiresAt) this.#wrongAnswers.push(`${id}: ${heard.problem}`);
	}

	async #reopen(cluster: Cluster, session: Person, ticketId: string): Promise<void> {
		if (cluster.world.now > session.sessionEnds) return;
		const turn = this.#turn++;
		const input = { session, ticketId, text: `again ${turn}`, idempotencyKey: `reopen-${turn}` };
		const asked = await insist(cluster, `reopening of ${ticketId}`, (ctx) => requestReopening({ ctx, input }));
		if (asked && "answer" in asked) this.#counts.reopened += 1;
		else if (asked && !["wrong_status", "unavailable", ...session.mayHear].includes(asked.problem)) {
			this.#wrongAnswers.push(`reopening of ${ticketId}: ${asked.problem}`);
		}
	}

	/** Who sees a ticket resolved can say how it went. */
	always(cluster: Cluster): string[] {
		return cluster
			.rows<{ id: string; changed_at: number }>("customer", selectUnasked)
			.filter(({ changed_at }) => changed_at > cluster.world.now - surveyLifetime)
			.map(({ id }) => `${id} is resolved, and nobody is asked how it went`);
	}

	violations(cluster: Cluster): string[] {
		const found = [...this.#wrongAnswers];
		const stored = new Map(cluster.rows<Answered>("analytics", selectAnswers).map(({ id, answers }) => [id, answers]));
		for (const [id, answers] of this.#acknowledged) {
			if (stored.get(id) !== answers) found.push(`${id} was acknowledged and is not what was answered`);
		}
		for (const [id, answers] of stored) if (!this.#tried.get(id)?.has(answers)) found.push(`${id}: nobody has answered so`);
		const answered = cluster.rows<{ id: string }>("customer", "select id from surveys where answered_at is not null");
		for (const { id } of answered) if (!stored.has(id)) found.push(`${id} is called answered, and analytics does not know it`);
		return [...found, ...answersLeft(cluster), ...reportsInTheEnd(cluster)];
	}

	async afterwards(): Promise<string[]> {
		return [];
	}

	checked() {
		return {
			"acknowledged surveys": this.#acknowledged.size,
			"surveys opened from a mail": this.#counts.mailed,
			"surveys answered by somebody else before": this.#counts.twice,
			"acknowledged wishes to reopen": this.#counts.reopened,
		};
	}
}

/** No table of the customers' shards has anything of an answer. */
function answersLeft(cluster: Cluster): string[] {
	const tables = [...cluster.deployments.customer.databases.values()][0]?.all<{ name: string }>(
		"select name from sqlite_master where type = 'table'",
	);
	return (tables ?? [])
		.filter(({ name }) =>
			cluster.rows("customer", `select * from ${name}`).some((row) => JSON.stringify(row).includes("punctuality")),
		)
		.map(({ name }) => `answers of a survey are left in ${name}`);
}
