import type { Message } from "../../../shared/mail.ts";

/** A letter in plain words: paragraphs, of which one may be a code to be typed. */
export interface Letter {
	readonly to: string;
	readonly subject: string;
	readonly paragraphs: readonly (string | { readonly code: string })[];
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (char) => entities[char] ?? char);

const paragraphStyle = "margin:0 0 16px";
const codeStyle = "margin:0 0 16px;font:700 28px/1.4 ui-monospace,Menlo,Consolas,monospace;letter-spacing:2px";
const bodyStyle = "margin:0;padding:24px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif;max-width:36em";

/** The same letter twice: as plain text and as HTML. */
export function messageOf({ to, subject, paragraphs }: Letter): Message {
	const text = paragraphs.map((paragraph) => (typeof paragraph === "string" ? paragraph : `    ${paragraph.code}`));
	const html = paragraphs.map((paragraph) =>
		typeof paragraph === "string"
			? `<p style="${paragraphStyle}">${escaped(paragraph)}</p>`
			: `<p style="${codeStyle}">${escaped(paragraph.code)}</p>`,
	);
	return {
		to,
		subject,
		text: `${text.join("\n\n")}\n`,
		html: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(subject)}</title></head><body style="${bodyStyle}">${html.join("")}</body></html>`,
	};
}
