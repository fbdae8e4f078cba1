import {
	type CardTemplate,
	type CardValues,
	Channel,
	type InvoiceTemplate,
	type InvoiceValues,
	type PaymentTemplate,
	type PaymentValues,
	type TicketTemplate,
	type TicketValues,
} from "../../../shared/events/notifications.ts";
import { type Emission, emission } from "../../../shared/messaging/effects.ts";
import { days } from "../../../shared/time.ts";

/** After that it is no news any more. */
const newsFor = 14 * days;

/** When a profile `p` has a way for a message, and where it leads. */
interface Way {
	readonly allowed: string;
	readonly recipient: string;
}

/** What happens to tickets is told as the profile wants it. */
export const asPreferred: Readonly<Record<Channel, Way>> = {
	email: { allowed: "p.notify_by_email and p.email <> ''", recipient: "p.email" },
	sms: { allowed: "p.notify_by_sms and p.phone <> ''", recipient: "p.phone" },
};

/** Cards and payments concern money: they are told by e-mail, whatever the profile says of tickets. */
export const byEmail = { email: { allowed: "p.email <> ''", recipient: "p.email" } } as const;

/** Each field by the SQL that it is read with. */
type Sql<Values> = Readonly<Record<keyof Values, string>>;

/** What a template about a ticket that has no place for it leaves out. */
export const unsaid = {
	expert: "null",
	visitFrom: "null",
	visitTo: "null",
	note: "null",
	surveyId: "null",
	surveyExpiresAt: "null",
	author: "null",
	text: "null",
} as const;

/** The SQL of a template's name. */
export const named = (template: TicketTemplate | CardTemplate | InvoiceTemplate | PaymentTemplate) => `'${template}'`;

/**
 * Asks for a message to the customer by each of these ways: one for every row `m` of `from` that `where` leaves.
 * `template`, `values` and `id` are SQL. `id`, of what is told once for all, ends the message's id: who asks for it again, as after
 * a database was put back, asks for the same; without it each is another.
 */
export const notify = ({
	ways,
	from,
	where,
	template,
	values,
	id,
}: {
	ways: Readonly<Partial<Record<Channel, Way>>>;
	from: string;
	where: string;
	template: string;
	values: Sql<TicketValues> | Sql<CardValues> | Sql<InvoiceValues> | Sql<PaymentValues>;
	id?: string;
}): Emission[] =>
	Channel.options.flatMap((channel) => {
		const way = ways[channel];
		if (!way) return [];
		return emission("NotificationRequested", {
			draft: channel,
			from: `${from} cross join profiles as p on p.customer_id = m.value->>'$.subject'`,
			where: `${way.allowed} and ${where}`,
			data: `json_object('notificationId', 'ntf_' || substr(${id ?? `m.value->>'$.drafts.${channel}.event.id'`}, 5), 'channel', '${channel}',
				'recipient', ${way.recipient}, 'language', p.language, 'template', ${template},
				'values', json_object(${Object.entries(values)
					.map(([field, text]) => `'${field}', ${text}`)
					.join(", ")}), 'expiresAt', :now + ${newsFor})`,
		});
	});
