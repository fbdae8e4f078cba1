import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { PlanChanged, planLimits } from "../../../shared/events/customer.ts";
import { periodAt, periodStart } from "../../../shared/periods.ts";
import { Random } from "../../../shared/testing/random.ts";
import { days } from "../../../shared/time.ts";
import { currentLines, decide, pendingPhase, resolve, type SignedLine, type SignedPlan, statusOf } from "./plan.ts";
import { planOf } from "./plan-view.ts";

const at = (text: string) => Date.parse(`${text}:00Z`);

const line = (name: string, contractVersion = 1, priceMinor = 1000, currency = "EUR"): SignedLine => ({
	contractId: `ctr_00${name.padStart(26, "0")}`,
	contractVersion,
	name,
	priceMinor,
	currency,
});
const [tv, hifi, web] = [line("tv"), line("hifi"), line("web")];

const begun = at("2026-01-31T09:00");
const plan: SignedPlan = { startsAt: begun, endsAt: null, phases: [{ from: begun, lines: [tv] }] };
const inFebruary = at("2026-02-10T12:00");
const firstEnd = at("2026-02-28T09:00");

/** Wishes, one after the other at their times; gives what the plan then is. */
function given(...wishes: [now: number, wanted: SignedLine[]][]): SignedPlan | undefined {
	return wishes.reduce<SignedPlan | undefined>((before, [now, wanted]) => {
		const decision = decide(before, wanted, now);
		return decision.effect === "nothing" ? before : decision.plan;
	}, undefined);
}

describe("without a running plan", () => {
	it("a wish starts one now", () => {
		expect(decide(undefined, [tv], begun)).toEqual({ effect: "starts", from: begun, plan });
	});

	it("a wish starts a new one after the old one has ended, with periods of its own", () => {
		const ended: SignedPlan = { ...plan, endsAt: firstEnd };

		expect(decide(ended, [hifi], firstEnd)).toEqual({
			effect: "starts",
			from: firstEnd,
			plan: { startsAt: firstEnd, endsAt: null, phases: [{ from: firstEnd, lines: [hifi] }] },
		});
	});

	it("there is nothing to cancel", () => {
		for (const nothing of [undefined, { ...plan, endsAt: firstEnd }, { ...plan, phases: [] }]) {
			expect(() => decide(nothing, [], firstEnd)).toThrow("nothing_to_cancel");
		}
	});

	it("one that is older than contracts are is replaced by what is signed", () => {
		expect(decide({ startsAt: 0, endsAt: null, phases: [] }, [tv], begun)).toMatchObject({ effect: "starts", plan });
	});
});

describe("with a running plan", () => {
	it("a change applies from the next period on, and only then", () => {
		const changed = { ...plan, phases: [...plan.phases, { from: firstEnd, lines: [tv, hifi] }] };

		expect(decide(plan, [tv, hifi], inFebruary)).toEqual({ effect: "changes", from: firstEnd, plan: changed });

		expect(currentLines(changed, firstEnd - 1)).toEqual([tv]);
		expect(currentLines(changed, firstEnd)).toEqual([tv, hifi]);
	});

	it("row 24: in the last moment of a period it applies from the next, in the first of the next from the one after", () => {
		expect(decide(plan, [hifi], firstEnd - 1)).toMatchObject({ from: firstEnd });
		expect(decide(plan, [hifi], firstEnd)).toMatchObject({ from: at("2026-03-31T09:00") });
	});

	it("a second change in the same period replaces the first", () => {
		const changed = given([begun, [tv]], [inFebruary, [hifi]], [inFebruary + 1, [web]]);

		expect(changed?.phases).toEqual([...plan.phases, { from: firstEnd, lines: [web] }]);
	});

	it("wanting what holds takes a change back", () => {
		expect(given([begun, [tv]], [inFebruary, [hifi]], [inFebruary + 1, [tv]])).toEqual(plan);
	});

	it("wanting what holds, or what is to come, in whatever order, is nothing", () => {
		const changed = given([begun, [tv, hifi]], [inFebruary, [hifi, web]]);

		expect(decide(plan, [tv], inFebruary)).toEqual({ effect: "nothing" });
		expect(decide(changed, [web, hifi], inFebruary + 1)).toEqual({ effect: "nothing" });
	});

	it("a newer version of the same contract is a change", () => {
		expect(decide(plan, [line("tv", 2)], inFebruary)).toMatchObject({ effect: "changes", from: firstEnd });
	});

	it("cancelling ends it with the period, and drops what was to come", () => {
		const cancelled = given([begun, [tv]], [inFebruary, [hifi]], [inFebruary + 1, []]);

		expect(cancelled).toEqual({ ...plan, endsAt: firstEnd });
		expect([firstEnd - 1, firstEnd].map((now) => statusOf(cancelled, now))).toEqual(["ending", "ended"]);
		expect([firstEnd - 1, firstEnd].map((now) => currentLines(cancelled, now))).toEqual([[tv], []]);
	});

	it("cancelling again is nothing, until it has ended: then there is nothing to cancel", () => {
		const cancelled = given([begun, [tv]], [inFebruary, []]);

		expect(decide(cancelled, [], firstEnd - 1)).toEqual({ effect: "nothing" });
		expect(() => decide(cancelled, [], firstEnd)).toThrow("nothing_to_cancel");
	});

	it("signing before the end undoes the cancellation, with the same lines or others", () => {
		const cancelled = given([begun, [tv]], [inFebruary, []]);

		expect(decide(cancelled, [tv], firstEnd - 1)).toEqual({ effect: "changes", from: firstEnd, plan });
		expect(decide(cancelled, [hifi], firstEnd - 1)).toMatchObject({
			plan: { endsAt: null, phases: [...plan.phases, { from: firstEnd, lines: [hifi] }] },
		});
	});

	it("a clock a little behind the one that signed sees the first period, and changes from the second", () => {
		expect(planOf(plan, begun - 500)).toMatchObject({ status: "active", lines: [{ name: "tv" }], next: null });
		expect(decide(plan, [hifi], begun - 500)).toMatchObject({ effect: "changes", from: firstEnd });
	});
});

describe("what may be signed", () => {
	const offers = [line("tv", 2, 1500), line("hifi", 1), line("web", 1, 900, "USD")];
	const wanted = (...lines: SignedLine[]) => lines.map(({ contractId, contractVersion: version }) => ({ contractId, version }));
	const february = given([begun, [tv]], [inFebruary, [tv, line("phone", 7, 333)]]);

	it("what is on offer, at its price there", () => {
		expect(resolve(undefined, wanted(line("tv", 2), hifi), offers, begun)).toEqual([offers[0], offers[1]]);
	});

	it("what holds, or is to come, at the price that was signed, whatever is on offer now", () => {
		expect(resolve(february, wanted(tv, line("phone", 7)), offers, inFebruary)).toEqual([tv, line("phone", 7, 333)]);
	});

	it.each<[string, SignedPlan | undefined, SignedLine]>([
		["an older version", undefined, tv],
		["a version that is not there yet", undefined, line("tv", 3)],
		["an unknown contract", undefined, line("roof")],
		["what was signed in a plan that has ended", { ...plan, endsAt: inFebruary }, tv],
		["what was signed before the current phase", given([begun, [tv]], [begun + 1, [hifi]]), tv],
	])("row 34: not %s", (_, signed, line) => {
		expect(() => resolve(signed, wanted(line), offers, at("2026-03-10T00:00"))).toThrow("contract_not_offered");
	});

	it("not two currencies at once", () => {
		expect(() => resolve(undefined, wanted(hifi, web), offers, begun)).toThrow("invalid_field");
	});
});

describe("whatever somebody wishes over four years", () => {
	const random = new Random(34);
	const choices = [[], [], [tv], [hifi], [web], [tv, hifi], [tv, web], [tv, hifi, web]] as const;

	it("phases begin with periods, in order; the past is what was said then; few are kept", { timeout: 20_000 }, () => {
		let most = 0;
		for (let run = 0; run < 200; run++) {
			let now = at("2024-01-01T00:00") + random.between(0, 400 * days);
			let signed: SignedPlan | undefined;
			/** What held at some moments, as it was then. */
			const seen: { moment: number; startsAt: number; lines: readonly SignedLine[] }[] = [];
			for (let turn = 0; turn < 60; turn++) {
				now += random.between(1, random.pick([2, 20 * days, 60 * days]));
				const wanted = random.pick(choices);
				const running = statusOf(signed, now) === "active" || statusOf(signed, now) === "ending";
				if (wanted.length === 0 && !running) continue;
				const before = currentLines(signed, now);
				const decision = decide(signed, wanted, now);
				if (decision.effect !== "nothing") signed = decision.plan;
				if (!signed) throw new Error("there is a plan now");
				// the running period keeps what it had
				if (running) expect(currentLines(signed, now)).toEqual(before);
				// afterwards holds what was wanted
				const afterwards = periodAt(signed.startsAt, now).to;
				const lines = decision.effect === "starts" ? currentLines(signed, now) : currentLines(signed, afterwards);
				expect(lines.map(({ name }) => name).sort()).toEqual(wanted.map(({ name }) => name).sort());
				// the same wish again is nothing
				expect(decide(signed, wanted, now)).toEqual({ effect: "nothing" });
				const { startsAt, phases } = signed;
				for (const [i, { from }] of phases.entries()) {
					expect(periodAt(startsAt, from).from).toBe(from);
					expect(from).toBeGreaterThan(phases[i - 1]?.from ?? -1);
				}
				expect(phases.every((phase) => phase.lines.length > 0)).toBe(true);
				expect([0, 1]).toContain(phases.filter(({ from }) => from > now).length);
				most = Math.max(most, phases.length);
				seen.push({ moment: now, startsAt, lines: currentLines(signed, now) });
				for (const past of seen) {
					if (past.startsAt !== startsAt || past.moment < periodStart(now, -13)) continue;
					expect(phases.findLast(({ from }) => from <= past.moment)?.lines).toEqual(past.lines);
				}
			}
		}
		expect(most).toBeGreaterThan(8);
		expect(most).toBeLessThanOrEqual(planLimits.phases);
	});

	it("and however many contracts it holds, its event fits into a message", () => {
		const longest = { contractId: `ctr_00${"0".repeat(26)}`, contractVersion: Number.MAX_SAFE_INTEGER };
		const lines = Array.from({ length: planLimits.lines }, () => longest);
		const phases = Array.from({ length: planLimits.phases }, (_, n) => ({ from: periodStart(begun, n), lines }));
		const data = { startsAt: begun, endsAt: periodStart(begun, planLimits.phases), phases };

		expect(v.is(PlanChanged, data)).toBe(true);
		expect(JSON.stringify(data).length).toBeLessThan(44_000); // 45 KB with its attributes
	});

	it("a plan that is changed in every period keeps the phases of 13 months, and no more", () => {
		let signed = given([begun, [tv]]);
		for (let period = 0; period < 40; period++) {
			const decision = decide(signed, period % 2 ? [tv] : [hifi], periodStart(begun, period) + days);
			if (decision.effect !== "nothing") signed = decision.plan;
		}
		expect(signed?.phases).toHaveLength(15);
		expect(signed?.phases.length).toBeLessThanOrEqual(planLimits.phases);
		expect(signed && pendingPhase(signed, periodStart(begun, 39) + days)?.from).toBe(periodStart(begun, 40));
	});
});
