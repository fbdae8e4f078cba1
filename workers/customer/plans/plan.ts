import * as v from "valibot";
import { Problem } from "../../../shared/http/problem.ts";
import { periodAt, periodStart } from "../../../shared/periods.ts";
import type { WantedLine } from "./schemas.ts";

/** A version of a contract with what was signed: whatever becomes of the contract, its price stays. */
const SignedLine = v.object({
	contractId: v.string(),
	contractVersion: v.number(),
	name: v.string(),
	/** A month, in minor units of the currency. */
	priceMinor: v.number(),
	currency: v.string(),
});
export type SignedLine = v.InferOutput<typeof SignedLine>;

/** What holds from `from`, the start of a period, until the next phase begins. In the order of `from`. */
export const Phases = v.array(v.object({ from: v.number(), lines: v.array(SignedLine) }));
type Phase = v.InferOutput<typeof Phases>[number];

/** A plan as the shard has it. Times in milliseconds since 1970, UTC. */
export interface SignedPlan {
	readonly startsAt: number;
	/** Exclusive; null while it goes on. */
	readonly endsAt: number | null;
	readonly phases: readonly Phase[];
}

/** What a wish does to a plan. `plan` is how it then is; nothing changes nothing. */
export type Decision =
	| { readonly effect: "nothing" }
	| { readonly effect: "starts" | "changes" | "ends"; readonly from: number; readonly plan: SignedPlan };

export type PlanStatus = "none" | "active" | "ending" | "ended";

export function statusOf(plan: SignedPlan | undefined, now: number): PlanStatus {
	if (!plan) return "none";
	if (plan.endsAt === null) return "active";
	return plan.endsAt > now ? "ending" : "ended";
}

const isRunning = (status: PlanStatus) => status === "active" || status === "ending";

/** The period of a running plan. The clock of another machine may be a little ahead of ours: the first has begun then. */
export const periodOf = ({ startsAt }: SignedPlan, now: number) => periodAt(startsAt, Math.max(now, startsAt));

/** What holds at `now`. */
export function currentLines(plan: SignedPlan | undefined, now: number): readonly SignedLine[] {
	if (!plan || !isRunning(statusOf(plan, now))) return [];
	return phaseAt(plan, Math.max(now, plan.startsAt))?.lines ?? [];
}

/** The phase that is to come, if any: there is at most one, from the next period on. */
export const pendingPhase = (plan: SignedPlan, now: number) =>
	plan.phases.find(({ from }) => from > Math.max(now, plan.startsAt));

/** What the customer has signed and can sign again, on offer or not: what holds now and what is to come. */
export function signedLines(plan: SignedPlan | undefined, now: number): readonly SignedLine[] {
	if (!plan || !isRunning(statusOf(plan, now))) return [];
	return [...currentLines(plan, now), ...(pendingPhase(plan, now)?.lines ?? [])];
}

const phaseAt = ({ phases }: SignedPlan, at: number) => phases.findLast(({ from }) => from <= at);

/**
 * What is wanted, with its prices: each line is what the customer has signed already, now or for the next period, or a
 * version on offer. Throws `contract_not_offered` for anything else, and `invalid_field` for several currencies.
 */
export function resolve(
	plan: SignedPlan | undefined,
	wanted: readonly WantedLine[],
	offers: readonly SignedLine[],
	now: number,
): SignedLine[] {
	const known = [...signedLines(plan, now), ...offers];
	const lines = wanted.map(({ contractId, version }, i) => {
		const line = known.find((one) => one.contractId === contractId && one.contractVersion === version);
		if (line) return line;
		const error = { field: `lines.${i}`, rule: "offered", expected: "the version on offer" };
		throw new Problem("contract_not_offered", { errors: [error] });
	});
	if (new Set(lines.map(({ currency }) => currency)).size > 1) {
		throw new Problem("invalid_field", { errors: [{ field: "lines", rule: "currency", expected: "one currency" }] });
	}
	return lines;
}

/**
 * Decides what a wish does: starts a plan now, or changes or ends a running one with its period. Throws
 * `nothing_to_cancel` when nothing is wanted and nothing runs.
 */
export function decide(plan: SignedPlan | undefined, wanted: readonly SignedLine[], now: number): Decision {
	// a plan without phases is older than contracts are: nothing of it was signed
	if (!plan?.phases.length || !isRunning(statusOf(plan, now))) {
		if (wanted.length === 0) throw new Problem("nothing_to_cancel");
		const phases = [{ from: now, lines: [...wanted] }];
		return { effect: "starts", from: now, plan: { startsAt: now, endsAt: null, phases } };
	}
	const { to: from } = periodOf(plan, now);
	const past = phasesThatMatter(plan, now).filter((phase) => phase.from < from);
	if (wanted.length === 0) {
		if (plan.endsAt !== null) return { effect: "nothing" };
		return { effect: "ends", from, plan: { ...plan, endsAt: from, phases: past } };
	}
	const pending = pendingPhase(plan, now);
	const holdsAfterwards = plan.endsAt === null ? (pending?.lines ?? currentLines(plan, now)) : [];
	if (areSame(wanted, holdsAfterwards)) return { effect: "nothing" };
	const phases = areSame(wanted, currentLines(plan, now)) ? past : [...past, { from, lines: [...wanted] }];
	return { effect: "changes", from, plan: { ...plan, endsAt: null, phases } };
}

/** What billing may still have to know: the phases of the last 13 months, and the one that was in force then. */
function phasesThatMatter(plan: SignedPlan, now: number): readonly Phase[] {
	const first = phaseAt(plan, periodStart(now, -13));
	return first ? plan.phases.filter(({ from }) => from >= first.from) : plan.phases;
}

const nameOf = ({ contractId, contractVersion }: SignedLine) => `${contractId} ${contractVersion}`;

/** Those of `lines` that are not among `others`. */
export function without(lines: readonly SignedLine[], others: readonly SignedLine[]): SignedLine[] {
	const names = new Set(others.map(nameOf));
	return lines.filter((line) => !names.has(nameOf(line)));
}

/** The order does not matter. */
const areSame = (a: readonly SignedLine[], b: readonly SignedLine[]) => a.length === b.length && without(a, b).length === 0;
