import { currentLines, pendingPhase, periodOf, type SignedLine, type SignedPlan, statusOf } from "./plan.ts";
import type { Money, Plan, PlanLine } from "./schemas.ts";

export type { Money, Plan, PlanLine } from "./schemas.ts";

export function planOf(plan: SignedPlan | undefined, now: number): Plan {
	const status = statusOf(plan, now);
	if (!plan) return { status, startsAt: null, endsAt: null, period: null, lines: [], total: null, next: null };
	const times = { startsAt: instant(plan.startsAt), endsAt: plan.endsAt === null ? null : instant(plan.endsAt) };
	if (status === "ended") return { status, ...times, period: null, lines: [], total: null, next: null };
	const { from, to } = periodOf(plan, now);
	const coming = plan.endsAt === null ? pendingPhase(plan, now) : { from: plan.endsAt, lines: [] };
	return {
		status,
		...times,
		period: { from: instant(from), to: instant(to) },
		...priced(currentLines(plan, now)),
		next: coming ? { from: instant(coming.from), ...priced(coming.lines) } : null,
	};
}

/** Lines with their total; all are of one currency. */
export function priced(lines: readonly SignedLine[]): { lines: PlanLine[]; total: Money | null } {
	const [first] = lines;
	const amountMinor = lines.reduce((sum, { priceMinor }) => sum + priceMinor, 0);
	return { lines: lines.map(lineOf), total: first ? { amountMinor, currency: first.currency } : null };
}

export function lineOf({ contractId, contractVersion: version, name, priceMinor, currency }: SignedLine): PlanLine {
	return { contractId, version, name, price: { amountMinor: priceMinor, currency } };
}

export const instant = (at: number) => new Date(at).toISOString();
