/** What analytics has to add up and report of some facts, computed from these alone as docs/reports.md defines it. */
import type { SurveySubmitted } from "../../shared/events/customer.ts";
import type { TicketClosed } from "../../shared/events/sysops.ts";
import { hours } from "../../shared/time.ts";

type By = "all" | "expert" | "category" | "region";
const dimensions = ["all", "category", "expert", "region"] as const;

const monthOf = (at: number) => new Date(at).toISOString().slice(0, 7);
const sum = <Fact>(facts: readonly Fact[], of: (fact: Fact) => number | boolean) =>
	facts.reduce((total, fact) => total + Number(of(fact)), 0);
const times = (list: readonly string[], value: string) => list.filter((other) => other === value).length;
const sorted = (values: Iterable<string | null>) => [...new Set(values)].filter((value) => value !== null).sort();

/** To so many decimals, in whole numbers: halves away from zero. */
function divided(numerator: number, denominator: number, decimals: number): number | null {
	if (denominator === 0) return null;
	const double = 2 * Math.abs(numerator) * 10 ** decimals + denominator;
	const whole = (double - (double % (2 * denominator))) / (2 * denominator);
	return whole === 0 ? 0 : (Math.sign(numerator) * whole) / 10 ** decimals;
}
const rate = (count: number, of: number) => ({ count, of, rate: divided(count, of, 3) });

function isAbout(fact: SurveySubmitted | TicketClosed, by: By, value: string): boolean {
	if (by === "all") return value === "all";
	return (by === "expert" ? fact.expertId : fact[by]) === value;
}

const nameOf = (fact: SurveySubmitted | TicketClosed, by: By) =>
	by === "all" ? "all" : by === "expert" ? fact.expertId : fact[by];

const valuesOf = (closing: TicketClosed, by: By) =>
	by === "expert" ? [closing.expertId, closing.reworkOf, ...closing.rejectedBy] : [nameOf(closing, by)];

function satisfactionSums(surveys: readonly SurveySubmitted[]) {
	const rated = (rating: number) => sum(surveys, ({ answers }) => answers.satisfaction === rating);
	return {
		answered: surveys.length,
		rated_1: rated(1),
		rated_2: rated(2),
		rated_3: rated(3),
		rated_4: rated(4),
		rated_5: rated(5),
		satisfaction: sum(surveys, ({ answers }) => answers.satisfaction),
		expertise: sum(surveys, ({ answers }) => answers.expertise),
		punctuality: sum(surveys, ({ answers }) => answers.punctuality),
		friendliness: sum(surveys, ({ answers }) => answers.friendliness),
		solved: sum(surveys, ({ answers }) => answers.solved),
	};
}

function handlingSums(closings: readonly TicketClosed[], by: By, value: string) {
	const own = closings.filter((closing) => isAbout(closing, by, value));
	const resolved = own.filter(({ outcome }) => outcome === "resolved");
	const assigned = own.filter(({ assignedAt }) => assignedAt !== null);
	const ofExpert = by === "expert";
	return {
		resolved: resolved.length,
		cancelled: own.length - resolved.length,
		assigned: assigned.length,
		assign_ms: sum(assigned, ({ openedAt, assignedAt }) => Math.max(0, Number(assignedAt) - openedAt)),
		resolve_ms: sum(resolved, ({ openedAt, closedAt }) => Math.max(0, closedAt - openedAt)),
		kept: sum(own, ({ expertId }) => expertId !== null),
		reopened: ofExpert ? sum(closings, ({ reworkOf }) => reworkOf === value) : sum(own, ({ reworkOf }) => reworkOf !== null),
		rejected: ofExpert
			? sum(closings, ({ rejectedBy }) => times(rejectedBy, value))
			: sum(own, ({ rejectedBy }) => rejectedBy.length),
	};
}

/** The rows of both tables, in the order of their keys. */
export function sumsByHand(facts: { surveys: readonly SurveySubmitted[]; closings: readonly TicketClosed[] }) {
	const { surveys, closings } = facts;
	const satisfaction = dimensions.flatMap((dimension) =>
		sorted(surveys.map((survey) => nameOf(survey, dimension))).flatMap((value) => {
			const own = surveys.filter((survey) => isAbout(survey, dimension, value));
			return sorted(own.map(({ submittedAt }) => monthOf(submittedAt))).map((month) => {
				const ofMonth = own.filter(({ submittedAt }) => monthOf(submittedAt) === month);
				return { dimension, value, month, ...satisfactionSums(ofMonth) };
			});
		}),
	);
	const handling = dimensions.flatMap((dimension) =>
		sorted(closings.flatMap((closing) => valuesOf(closing, dimension))).flatMap((value) => {
			const own = closings.filter((closing) => valuesOf(closing, dimension).includes(value));
			return sorted(own.map(({ closedAt }) => monthOf(closedAt))).map((month) => {
				const ofMonth = closings.filter(({ closedAt }) => monthOf(closedAt) === month);
				return { dimension, value, month, ...handlingSums(ofMonth, dimension, value) };
			});
		}),
	);
	return { satisfaction, handling };
}

interface Query {
	readonly by: By;
	/** Both included. */
	readonly from: string;
	readonly to: string;
}

/** The items of the report of satisfaction. */
export function satisfactionByHand(all: readonly SurveySubmitted[], { by, from, to }: Query) {
	const within = all.filter(({ submittedAt }) => monthOf(submittedAt) >= from && monthOf(submittedAt) <= to);
	return sorted(within.map((survey) => nameOf(survey, by))).map((value) => {
		const own = within.filter((survey) => isAbout(survey, by, value));
		const sums = satisfactionSums(own);
		const mean = (total: number) => divided(total, own.length, 2);
		return {
			value,
			count: own.length,
			mean: mean(sums.satisfaction),
			distribution: { 1: sums.rated_1, 2: sums.rated_2, 3: sums.rated_3, 4: sums.rated_4, 5: sums.rated_5 },
			means: {
				expertise: mean(sums.expertise),
				punctuality: mean(sums.punctuality),
				friendliness: mean(sums.friendliness),
			},
			solved: rate(sums.solved, own.length),
			trend: monthsFrom(from, to).map((month) => {
				const of = (name: string) =>
					satisfactionSums(all.filter((survey) => isAbout(survey, by, value) && monthOf(survey.submittedAt) === name));
				const [now, before] = [of(month), of(monthOf(Date.parse(`${month}-01`) - 1))];
				const gained = now.satisfaction * before.answered - before.satisfaction * now.answered;
				return {
					month,
					count: now.answered,
					mean: divided(now.satisfaction, now.answered, 2),
					change: divided(gained, now.answered * before.answered, 2),
				};
			}),
		};
	});
}

/** The items of the report of handling. */
export function handlingByHand(all: readonly TicketClosed[], { by, from, to }: Query) {
	const within = all.filter(({ closedAt }) => monthOf(closedAt) >= from && monthOf(closedAt) <= to);
	return sorted(within.flatMap((closing) => valuesOf(closing, by))).map((value) => {
		const sums = handlingSums(within, by, value);
		return {
			value,
			resolved: sums.resolved,
			cancelled: sums.cancelled,
			hoursToAssign: { mean: divided(sums.assign_ms, sums.assigned * hours, 1), of: sums.assigned },
			hoursToResolve: { mean: divided(sums.resolve_ms, sums.resolved * hours, 1), of: sums.resolved },
			reopened: rate(sums.reopened, sums.resolved),
			rejected: rate(sums.rejected, sums.rejected + sums.kept),
		};
	});
}

/** Day by day. */
function monthsFrom(from: string, to: string): string[] {
	const found = new Set<string>();
	for (let at = Date.parse(`${from}-01`); monthOf(at) <= to; at += 24 * hours) found.add(monthOf(at));
	return [...found];
}
