/** Facts for analytics, and the messages that bring them. */
import type { Ctx } from "../context.ts";
import type { PaymentRecorded } from "../events/billing.ts";
import { regions, SkillCategory, type SurveySubmitted } from "../events/customer.ts";
import type { TicketClosed } from "../events/sysops.ts";
import { idOf, shardOf } from "../ids.ts";
import { newEvent } from "../messaging/envelope.ts";
import { days, hours } from "../time.ts";
import { newId } from "./fixtures.ts";
import { sentTo, signAs } from "./forge.ts";
import type { Random } from "./random.ts";

export const someAnswers = { satisfaction: 4, expertise: 5, punctuality: 3, friendliness: 5, solved: true } as const;

const surveyIdOf = (ticketId: string, resolution: number) => `srv_${ticketId.slice(4)}_${resolution}`;

export const someSurvey = (submittedAt: number, own: Partial<SurveySubmitted> = {}): SurveySubmitted => ({
	surveyId: surveyIdOf(newId("tkt", "00"), 1),
	submittedAt,
	expertId: newId("exp", "00"),
	category: "television",
	region: "south",
	answers: someAnswers,
	...own,
});

/** Resolved by somebody a day after it was opened, and assigned an hour after that. */
export const someClosing = (closedAt: number, own: Partial<TicketClosed> = {}): TicketClosed => ({
	ticketId: newId("tkt", "00"),
	closing: 1,
	outcome: "resolved",
	category: "television",
	region: "south",
	expertId: newId("exp", "00"),
	openedAt: closedAt - days,
	assignedAt: closedAt - days + hours,
	closedAt,
	reworkOf: null,
	rejectedBy: [],
	...own,
});

/** A charge of 12.90 that was approved, for the month that began a day before. */
export const somePayment = (recordedAt: number, own: Partial<PaymentRecorded> = {}): PaymentRecorded => ({
	paymentId: newId("att", "00"),
	outcome: "approved",
	amountMinor: 1290,
	currency: "EUR",
	period: { from: recordedAt - days, to: recordedAt + 29 * days },
	recordedAt,
	...own,
});

/** Another event at each call, by `from`, which is the customer Worker. */
export function surveySubmitted(from: Ctx, survey: SurveySubmitted, subject: string): Promise<string> {
	const event = newEvent(from, shardOf(subject), { type: "SurveySubmitted", subject, data: survey });
	return signAs("customer", event, sentTo("analytics", from.now()));
}

/** The same by sysops. */
export function ticketClosed(from: Ctx, closing: TicketClosed): Promise<string> {
	const event = newEvent(from, "00", { type: "TicketClosed", data: closing });
	return signAs("sysops", event, sentTo("analytics", from.now()));
}

/** The same by billing. */
export function paymentRecorded(from: Ctx, payment: PaymentRecorded): Promise<string> {
	const event = newEvent(from, shardOf(payment.paymentId), { type: "PaymentRecorded", data: payment });
	return signAs("billing", event, sentTo("analytics", from.now()));
}

/** Surveys and closings of all kinds between two instants, about these experts, a few categories and regions. */
export function randomFacts(
	random: Random,
	{ from, to, count, experts }: { from: number; to: number; count: number; experts: readonly [string, ...string[]] },
): { surveys: SurveySubmitted[]; closings: TicketClosed[] } {
	const somebody = () => (random.chance(0.2) ? null : random.pick(experts));
	const [television, audio, computer] = SkillCategory.options;
	const where = () => ({ category: random.pick([television, audio, computer]), region: random.pick([regions[0], regions[3]]) });
	const ticketId = () => idOf("tkt", random.pick(["00", "01"]), random.bytes(16));
	const rating = () => random.pick([1, 2, 3, 4, 5]);
	const surveys = Array.from({ length: count }, () => {
		const ratings = { satisfaction: rating(), expertise: rating(), punctuality: rating(), friendliness: rating() };
		const answers = { ...ratings, solved: random.chance(0.7) };
		const surveyId = surveyIdOf(ticketId(), random.between(1, 4));
		return someSurvey(random.between(from, to), { ...where(), surveyId, expertId: somebody(), answers });
	});
	const closings = Array.from({ length: count }, () => {
		const openedAt = random.between(from, to);
		// the clocks of customer and sysops may disagree
		const later = (most: number) => openedAt + (random.chance(0.1) ? -random.between(1, hours) : random.between(0, most));
		const assignedAt = random.chance(0.8) ? later(3 * days) : null;
		const outcome = random.chance(0.7) ? "resolved" : "cancelled";
		const rejectedBy = experts.filter(() => random.chance(0.2));
		const reworkOf = random.chance(0.3) ? random.pick(experts) : null;
		const expertId = assignedAt === null ? null : somebody();
		const closedAt = later(40 * days);
		const times = { openedAt, assignedAt, ticketId: ticketId(), closing: random.between(1, 4) };
		return someClosing(closedAt, { ...where(), ...times, outcome, expertId, reworkOf, rejectedBy });
	});
	return { surveys, closings };
}
