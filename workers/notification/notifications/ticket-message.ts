import type { TicketTemplate, TicketValues } from "../../../shared/events/notifications.ts";
import { days } from "../../../shared/time.ts";
import type { Block, Words } from "../../../shared/ui/letter.ts";
import { dayOf, formats } from "./formats.ts";
import { filled, type Message, paragraphOf, type Setting, shortened } from "./message.ts";
import { type TicketWords, ticketWords } from "./ticket-words.ts";

/** What a message about a ticket is made of. */
export interface TicketContent extends Setting {
	readonly template: TicketTemplate;
	readonly values: TicketValues;
}

const clock = { hour: "2-digit", minute: "2-digit" } as const;
const visit = formats({ weekday: "long", day: "numeric", month: "long", year: "numeric", ...clock });
const shortVisit = formats({ day: "numeric", month: "short", ...clock });

/** Characters, as a reader counts them. */
const longestInSubject = 60;

/** What happens to a ticket. */
export function ticketMessage(content: TicketContent): Message {
	const { language, template, values, origin, survey } = content;
	const { device, note, text } = values;
	const own = ticketWords[language];
	const { subject, before, after, button } = own.templates[template];
	const said = saidOf(content);
	const paragraphs = (texts: readonly string[]) => texts.map((text) => paragraphOf(text, said));
	const link = `${origin}/tickets/${values.ticketId}`;
	return {
		language,
		subject: `${subject}: ${shortened(device, longestInSubject)}`,
		preview: filled(before[0], said),
		blocks: [
			...paragraphs(before),
			...facts(own, template, values, said),
			...(note ? [...paragraphs([own.noted]), { kind: "quote" as const, typed: note }] : []),
			...(text ? [{ kind: "quote" as const, typed: text }] : []),
			...(survey
				? [
						...paragraphs([own.survey.invitation]),
						{ kind: "button" as const, label: own.survey.button, href: `${origin}/surveys/${survey.token}` },
					]
				: []),
			...paragraphs(after),
			{ kind: "button", label: button, href: link, second: survey !== undefined },
		],
		foot: { kind: "quiet", words: own.preferences, href: `${origin}/profile` },
		brief: (most) => briefly(content, said, most),
		link,
	};
}

/** Names in it have at most so many characters. */
function briefly({ language, template, values }: TicketContent, said: Said, most: number): string {
	const own = ticketWords[language];
	const { device, expert, author, visitFrom: from, visitTo: to } = values;
	const { sms, smsVisit } = own.templates[template];
	const short: Said = {
		...said,
		device: shortened(device, most),
		expert: expert === null ? own.someExpert : shortened(expert, most),
		author: author === null ? own.someAuthor : shortened(author, most),
		visit: from === null || to === null ? "" : `${plain(shortVisit[language].formatRange(from, to))} UTC`,
	};
	return filled([sms, ...(smsVisit && short.visit ? [smsVisit] : [])].join(" "), short);
}

/** An invitation ends within a day: the one before it is the last that is good to its end. */
export const lastDay = 1 * days;

/** By placeholder: what somebody has typed, or an instant in words; empty where there is none. */
type Said = Readonly<Record<"device" | "expert" | "author" | "visit" | "until", string>>;

function saidOf({ language, values, survey }: TicketContent): Said {
	const { device, expert, author, visitFrom, visitTo } = values;
	const own = ticketWords[language];
	return {
		device,
		expert: expert ?? own.someExpert,
		author: author ?? own.someAuthor,
		visit: visitFrom === null || visitTo === null ? "" : `${visit[language].formatRange(visitFrom, visitTo)} UTC`,
		until: survey ? dayOf(language, survey.expiresAt - lastDay) : "",
	};
}

/** Who comes, and when. */
function facts({ labels }: TicketWords, template: TicketTemplate, { expert }: TicketValues, { visit }: Said): Block[] {
	if (template !== "ticket_assigned" && template !== "ticket_accepted") return [];
	const rows: [string, Words][] = [];
	if (expert !== null) rows.push([labels.expert, [{ typed: expert }]]);
	if (visit !== "") rows.push([labels.visit, visit]);
	return rows.length > 0 ? [{ kind: "facts", facts: rows }] : [];
}

/** Spaces and dashes as a text message has them. */
const plain = (text: string) => text.replaceAll(/\s*[–-]\s*/gu, "-").replaceAll(/\s/gu, " ");
