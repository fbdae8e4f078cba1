import type { Language } from "../../../shared/events/customer.ts";
import type { TicketTemplate, TicketValues } from "../../../shared/events/notifications.ts";
import { days } from "../../../shared/time.ts";
import { type Block, type Letter, oneLine, paragraph, type Words } from "../../../shared/ui/letter.ts";
import { fits } from "./text-size.ts";
import { type LanguageWords, words } from "./words.ts";

/** What a message is made of. */
export interface Content {
	readonly language: Language;
	readonly template: TicketTemplate;
	readonly values: TicketValues;
	/** The portal's, without a slash at its end. */
	readonly origin: string;
	/** That this message invites to, and until when. */
	readonly survey: { readonly token: string; readonly expiresAt: number } | undefined;
}

const locales: Readonly<Record<Language, string>> = { en: "en-GB", de: "de-DE" };
/** Built once: making a formatter costs more than formatting. */
const formats = (options: Intl.DateTimeFormatOptions) => ({
	en: new Intl.DateTimeFormat(locales.en, { ...options, timeZone: "UTC" }),
	de: new Intl.DateTimeFormat(locales.de, { ...options, timeZone: "UTC" }),
});
const day = formats({ dateStyle: "long" });
const clock = { hour: "2-digit", minute: "2-digit" } as const;
const visit = formats({ weekday: "long", day: "numeric", month: "long", year: "numeric", ...clock });
const shortVisit = formats({ day: "numeric", month: "short", ...clock });
const graphemes = new Intl.Segmenter();

/** Characters, as a reader counts them. Names in a text message are cut until it fits, within these bounds. */
const longest = { deviceInSubject: 60, nameInText: 24 };
const shortestInText = 5;

/** The e-mail that tells it. */
export function letterOf(content: Content): Letter {
	const { language, template, values, origin, survey } = content;
	const { device, note, text } = values;
	const own = words[language];
	const { subject, before, after, button } = own.templates[template];
	const said = saidOf(content);
	const paragraphs = (texts: readonly string[]) => texts.map((text) => paragraphOf(text, said));
	const toTicket: Block = { kind: "button", label: button, href: ticketLink(origin, values), second: survey !== undefined };
	return {
		language,
		subject: `${subject}: ${shortened(device, longest.deviceInSubject)}`,
		blocks: [
			paragraph(own.greeting),
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
			toTicket,
			{ kind: "quiet", words: own.preferences, href: `${origin}/profile` },
		],
		signature: own.signature,
	};
}

/** The same as a text message that `fits`, unless the portal's address alone is too long for that. */
export function textOf(content: Content): string {
	let most = longest.nameInText;
	let text = textWith(content, most);
	while (!fits(text) && most > shortestInText) text = textWith(content, --most);
	return text;
}

/** Names in it have at most so many characters. */
function textWith(content: Content, most: number): string {
	const { language, template, values, origin } = content;
	const own = words[language];
	const { device, expert, author, visitFrom: from, visitTo: to } = values;
	const { sms, smsVisit } = own.templates[template];
	const said: Said = {
		...saidOf(content),
		device: shortened(device, most),
		expert: expert === null ? own.someExpert : shortened(expert, most),
		author: author === null ? own.someAuthor : shortened(author, most),
		visit: from === null || to === null ? "" : `${plain(shortVisit[language].formatRange(from, to))} UTC`,
	};
	const sentences = [sms, ...(smsVisit && said.visit ? [smsVisit] : [])];
	const filled = sentences.join(" ").replaceAll(placeholder, (_, name: string) => lookUp(said, name));
	return `${filled} ${ticketLink(origin, values)}`;
}

/** An invitation ends within a day: the one before it is the last that is good to its end. */
export const lastDay = 1 * days;

/** By placeholder: what somebody has typed, or an instant in words; empty where there is none. */
type Said = Readonly<Record<"device" | "expert" | "author" | "visit" | "until", string>>;

function saidOf({ language, values, survey }: Content): Said {
	const { device, expert, author, visitFrom, visitTo } = values;
	const own = words[language];
	return {
		device,
		expert: expert ?? own.someExpert,
		author: author ?? own.someAuthor,
		visit: visitFrom === null || visitTo === null ? "" : `${visit[language].formatRange(visitFrom, visitTo)} UTC`,
		until: survey ? day[language].format(survey.expiresAt - lastDay) : "",
	};
}

const placeholder = /\{(\w+)\}/g;
const lookUp = (said: Said, name: string): string => said[name as keyof Said]; // words.ts names no others

/** A paragraph with its placeholders filled. */
function paragraphOf(text: string, said: Said): Block {
	// the pieces between placeholders, and the names of those, in turn
	const parts = text.split(placeholder).map((piece, i) => (i % 2 === 0 ? piece : { typed: lookUp(said, piece) }));
	return paragraph(parts);
}

/** Who comes, and when. */
function facts({ labels }: LanguageWords, template: TicketTemplate, { expert }: TicketValues, { visit }: Said): Block[] {
	if (template !== "ticket_assigned" && template !== "ticket_accepted") return [];
	const rows: [string, Words][] = [];
	if (expert !== null) rows.push([labels.expert, [{ typed: expert }]]);
	if (visit !== "") rows.push([labels.visit, visit]);
	return rows.length > 0 ? [{ kind: "facts", facts: rows }] : [];
}

const ticketLink = (origin: string, { ticketId }: TicketValues) => `${origin}/tickets/${ticketId}`;

/** Spaces and dashes as a text message has them. */
const plain = (text: string) => text.replaceAll(/\s*[–-]\s*/gu, "-").replaceAll(/\s/gu, " ");

/** One line of at most so many characters; dots stand for the rest. */
function shortened(text: string, most: number): string {
	const line = oneLine(text);
	const all = Array.from(graphemes.segment(line), ({ segment }) => segment);
	if (all.length <= most) return line;
	const kept = all.slice(0, most - 3).join("");
	return `${kept.trimEnd()}...`;
}
