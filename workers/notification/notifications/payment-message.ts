import type { PaymentTemplate, PaymentValues } from "../../../shared/events/notifications.ts";
import { paragraph } from "../../../shared/ui/letter.ts";
import { dayOf, moneyOf, periodOf } from "./formats.ts";
import { filled, type Message, type Setting } from "./message.ts";
import { paymentWords } from "./payment-words.ts";

/** What a message about a payment is made of. */
export interface PaymentContent extends Setting {
	readonly template: PaymentTemplate;
	readonly values: PaymentValues;
}

/** Where each of them leads in the portal. */
const pages: Readonly<Record<PaymentTemplate, string>> = { payment_failed: "/cards/new", payment_recovered: "/invoices" };

/** That a period could not be charged, or that it is paid after all, or costs nothing any more. */
export function paymentMessage({ language, template, values, origin }: PaymentContent): Message {
	const { reason, nextAttemptAt } = values;
	const own = paymentWords[language];
	const isNothing = template === "payment_recovered" && values.amountMinor === 0;
	const { subject, before, after, button } = isNothing ? own.nothingDue : own.templates[template];
	const why = reason === null ? undefined : own.reasons[reason];
	const next = nextAttemptAt === null ? undefined : dayOf(language, nextAttemptAt);
	const link = `${origin}${pages[template]}`;
	return {
		language,
		subject,
		preview: why ?? before[0],
		blocks: [
			...[...before, ...(why ? [why] : [])].map(paragraph),
			{
				kind: "facts",
				facts: [
					...(isNothing ? [] : [[own.labels.amount, moneyOf(language, values)] as const]),
					[own.labels.period, periodOf(language, values)],
					...(next === undefined ? [] : [[own.labels.next, next] as const]),
				],
			},
			...[...after, ...(template === "payment_failed" ? whatNext(own, reason, next) : [])].map(paragraph),
			{ kind: "button", label: button, href: link },
		],
		foot: { kind: "quiet", words: own.plan, href: `${origin}/plan` },
		brief: () => `${subject}.`,
		link,
	};
}

/** Who hears that something went wrong should know whether anything happens by itself. */
function whatNext(
	own: (typeof paymentWords)["en"],
	reason: PaymentValues["reason"],
	next: string | undefined,
): readonly string[] {
	if (next !== undefined) return own.again.map((text) => filled(text, { next }));
	return reason === "no_card" ? own.noCard : own.over;
}
