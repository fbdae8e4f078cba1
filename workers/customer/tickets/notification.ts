import { Channel, type NotificationRequested, type TicketTemplate } from "../../../shared/events/customer.ts";
import { type Emission, emission } from "../../../shared/messaging/effects.ts";
import { days } from "../../../shared/time.ts";

/** After that it is no news any more. */
const newsFor = 14 * days;

/** When a profile `p` allows a channel, and where it leads. */
const ways: Readonly<Record<Channel, { allowed: string; recipient: string }>> = {
	email: { allowed: "p.notify_by_email and p.email <> ''", recipient: "p.email" },
	sms: { allowed: "p.notify_by_sms and p.phone <> ''", recipient: "p.phone" },
};

/** Each field by the SQL that it is read with. */
export type Values = Readonly<Record<keyof NotificationRequested["values"], string>>;

/** What a template that has no place for it leaves out. */
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
export const named = (template: TicketTemplate) => `'${template}'`;

/**
 * Asks for a message to the customer, by each way that the profile allows: one for every row `m` of `from` that `where`
 * leaves. `template` and `values` are SQL.
 */
export const notify = ({
	from,
	where,
	template,
	values,
}: {
	from: string;
	where: string;
	template: string;
	values: Values;
}): Emission[] =>
	Channel.options.map((channel) =>
		emission("NotificationRequested", {
			draft: channel,
			from: `${from} cross join profiles as p on p.customer_id = m.value->>'$.subject'`,
			where: `${ways[channel].allowed} and ${where}`,
			data: `json_object('notificationId', 'ntf_' || substr(m.value->>'$.drafts.${channel}.event.id', 5), 'channel', '${channel}',
				'recipient', ${ways[channel].recipient}, 'language', p.language, 'template', ${template},
				'values', json_object(${Object.entries(values)
					.map(([field, text]) => `'${field}', ${text}`)
					.join(", ")}), 'expiresAt', :now + ${newsFor})`,
		}),
	);
