import type { InvoiceTemplate, InvoiceValues } from "../../../shared/events/notifications.ts";
import { oneLine, paragraph } from "../../../shared/ui/letter.ts";
import { dayOf, moneyOf, periodOf } from "./formats.ts";
import { invoiceWords } from "./invoice-words.ts";
import type { Message, Setting } from "./message.ts";

/** What a message about an invoice or a credit note is made of. */
export interface InvoiceContent extends Setting {
	readonly template: InvoiceTemplate;
	readonly values: InvoiceValues;
}

/** That one was issued, by its essentials; the rest is behind the link. */
export function invoiceMessage({ language, template, values, origin }: InvoiceContent): Message {
	const own = invoiceWords[language];
	const { subject, before, after, nothing, button, labels } = own.templates[template];
	const titled = `${subject} ${oneLine(values.number)}`;
	const amount = moneyOf(language, values);
	const period = periodOf(language, values);
	const link = `${origin}/invoices/${values.invoiceId}`;
	return {
		language,
		subject: titled,
		preview: `${amount}, ${period}`,
		blocks: [
			...before.map(paragraph),
			{
				kind: "facts",
				facts: [
					[labels.number, [{ typed: values.number }]],
					[labels.issued, dayOf(language, values.issuedAt)],
					[labels.period, period],
					[labels.amount, amount],
				],
			},
			...[...(nothing && values.amountMinor === 0 ? [nothing] : []), ...after].map(paragraph),
			{ kind: "button", label: button, href: link },
		],
		foot: { kind: "quiet", words: own.all, href: `${origin}/invoices` },
		brief: () => `${titled}.`,
		link,
	};
}
