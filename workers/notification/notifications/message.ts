import type { Language } from "../../../shared/events/customer.ts";
import { type Block, type Letter, oneLine, paragraph } from "../../../shared/ui/letter.ts";
import { fits } from "./text-size.ts";
import { words } from "./words.ts";

/** For whom, and into what, a template is made a message. */
export interface Setting {
	readonly language: Language;
	/** The portal's, without a slash at its end. */
	readonly origin: string;
	/** To which survey it may invite, and until when. */
	readonly survey: { readonly token: string; readonly expiresAt: number } | undefined;
}

/** What is told, before it is an e-mail or a text message. */
export interface Message {
	readonly language: Language;
	readonly subject: string;
	/** What an inbox shows behind the subject. */
	readonly preview: string;
	/** Between the greeting and the foot. */
	readonly blocks: readonly Block[];
	/** Why it is sent, and where to go if it should not have been. */
	readonly foot: Block;
	/** In a few words. Names in it have at most so many characters. */
	brief(most: number): string;
	/** Where it leads. */
	readonly link: string;
}

/** Characters, as a reader counts them. Names in a text message are cut until it fits, within these bounds. */
const longestName = 24;
const shortestName = 5;
const graphemes = new Intl.Segmenter();

/** The e-mail that tells it. */
export function letterOf({ language, subject, preview, blocks, foot }: Message): Letter {
	const { greeting, signature } = words[language];
	return { language, subject, preview, blocks: [paragraph(greeting), ...blocks, foot], signature };
}

/** The same as a text message that `fits`, unless the portal's address alone is too long for that. */
export function textOf({ brief, link }: Message): string {
	const text = (most: number) => `${brief(most)} ${link}`;
	let most = longestName;
	while (!fits(text(most)) && most > shortestName) most--;
	return text(most);
}

/** What a message's words have in place of `{name}`, by that name. */
export type Said = Readonly<Record<string, string>>;

const placeholder = /\{(\w+)\}/g;
/** One that nothing is said for stays as it is, for a test to see. */
const lookUp = (said: Said, name: string) => said[name] ?? `{${name}}`;

/** Words with their placeholders filled. */
export const filled = (text: string, said: Said): string => text.replaceAll(placeholder, (_, name: string) => lookUp(said, name));

/** The same as a paragraph, in which what stands for a placeholder is taken for typed by somebody. */
export function paragraphOf(text: string, said: Said): Block {
	// the pieces between placeholders, and the names of those, in turn
	return paragraph(text.split(placeholder).map((piece, i) => (i % 2 === 0 ? piece : { typed: lookUp(said, piece) })));
}

/** One line of at most so many characters; dots stand for the rest. */
export function shortened(text: string, most: number): string {
	const line = oneLine(text);
	const all = Array.from(graphemes.segment(line), ({ segment }) => segment);
	if (all.length <= most) return line;
	const kept = all.slice(0, most - 3).join("");
	return `${kept.trimEnd()}...`;
}
