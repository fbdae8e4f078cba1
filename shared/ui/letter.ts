import { html, raw } from "hono/html";

/** Words of ours and, between them, what somebody has typed: it may run from right to left. */
export type Words = string | readonly (string | { readonly typed: string })[];

export type Block =
	| { readonly kind: "paragraph"; readonly words: Words }
	/** Said under its breath, with a link that ends it. */
	| { readonly kind: "quiet"; readonly words: Words; readonly href?: string }
	/** To be typed elsewhere. */
	| { readonly kind: "code"; readonly code: string }
	| { readonly kind: "facts"; readonly facts: readonly (readonly [label: string, value: Words])[] }
	/** What somebody has written, in lines of their own. */
	| { readonly kind: "quote"; readonly typed: string }
	/** `second` is for what matters less than another one of the same letter. */
	| { readonly kind: "button"; readonly label: string; readonly href: string; readonly second?: boolean };

/** A letter, described once for both of its forms. */
export interface Letter {
	readonly language: "en" | "de";
	readonly subject: string;
	/** What an inbox shows behind the subject. It stands in no other place. */
	readonly preview?: string;
	readonly blocks: readonly Block[];
	/** Who writes. */
	readonly signature: string;
}

export const paragraph = (words: Words): Block => ({ kind: "paragraph", words });

/** Colours of styles.css, light and dark. Inline because many mail clients drop style sheets; those that keep one get the dark ones too. */
const light = { page: "#f6f5f2", surface: "#ffffff", text: "#1d2527", quiet: "#55605f", line: "#d9d6cf", accent: "#0b5f73" };
const darkStyles = `:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.page{background:#12181a!important;color:#e8eded!important}
.card{background:#1a2225!important;border-color:#303b3e!important}
.quiet{color:#a7b3b3!important}.line{border-color:#303b3e!important}
.link{color:#79cbdb!important}
.button{background:#79cbdb!important;border-color:#79cbdb!important;color:#06252d!important}
.second{background:transparent!important;color:#79cbdb!important}}`;

const font = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue','Noto Sans',sans-serif";
const button = `display:inline-block;padding:11px 20px;border:1px solid ${light.accent};border-radius:10px;font-weight:600;text-decoration:none`;
const styles = {
	page: `margin:0;padding:24px 12px;background:${light.page};color:${light.text};font:16px/1.55 ${font}`,
	card: `max-width:560px;margin:0 auto;padding:24px;background:${light.surface};border:1px solid ${light.line};border-radius:12px;overflow-wrap:anywhere`,
	preview: "display:none;max-height:0;overflow:hidden",
	brand: "margin:0 0 20px;font-weight:700",
	paragraph: "margin:0 0 16px",
	code: "margin:0 0 16px;font:700 28px/1.4 ui-monospace,Menlo,Consolas,monospace;letter-spacing:2px",
	quote: `margin:0 0 16px;padding:0 0 0 14px;border-inline-start:3px solid ${light.line};white-space:pre-wrap`,
	label: `margin:0;color:${light.quiet};font-size:15px`,
	value: "margin:0 0 12px;font-weight:600",
	button: `${button};background:${light.accent};color:#ffffff`,
	second: `${button};background:transparent;color:${light.accent}`,
	quiet: `margin:0 0 12px;color:${light.quiet};font-size:14px`,
	link: `color:${light.accent}`,
	foot: `margin:24px 0 0;padding:16px 0 0;border-top:1px solid ${light.line};color:${light.quiet};font-size:14px`,
};

const brand = "Sysops Squad";

/** The same letter as HTML, which loads nothing and runs nothing, and as plain text. */
export function render(letter: Letter): { readonly subject: string; readonly html: string; readonly text: string } {
	const subject = oneLine(letter.subject);
	const text = [...letter.blocks.map(textOf), letter.signature].join("\n\n");
	return { subject, html: String(documentOf({ ...letter, subject })), text: `${text}\n` };
}

/** Nothing that could end a header, or turn around what stands behind it. */
export const oneLine = (text: string) =>
	text
		.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
		.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, "")
		.trim();

/** Escapes everything that it is given, but what it has made itself. */
type Html = ReturnType<typeof html>;

const documentOf = ({ language, subject, preview, blocks, signature }: Letter): Html => html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${subject}</title>
<style>${raw(darkStyles)}</style>
</head>
<body class="page" style="${styles.page}">
${preview ? html`<div style="${styles.preview}">${oneLine(preview)}</div>\n` : ""}<div class="card" style="${styles.card}">
<p style="${styles.brand}">${brand}</p>
${blocks.map(htmlOf)}
<p class="quiet line" style="${styles.foot}">${signature}</p>
</div>
</body>
</html>
`;

function htmlOf(block: Block): Html | Html[] {
	switch (block.kind) {
		case "paragraph":
			return html`<p style="${styles.paragraph}">${wordsHtml(block.words)}</p>\n`;
		case "quiet":
			return html`<p class="quiet" style="${styles.quiet}">${wordsHtml(block.words)}${block.href ? linkHtml(block.href) : ""}</p>\n`;
		case "code":
			return html`<p style="${styles.code}">${block.code}</p>\n`;
		case "facts":
			return block.facts.map(
				([label, value]) =>
					html`<p class="quiet" style="${styles.label}">${label}</p><p style="${styles.value}">${wordsHtml(value)}</p>\n`,
			);
		case "quote":
			return html`<blockquote class="line" style="${styles.quote}" dir="auto">${block.typed}</blockquote>\n`;
		case "button": {
			const [look, style] = block.second ? ["button second", styles.second] : ["button", styles.button];
			return html`<p style="${styles.paragraph}"><a class="${look}" style="${style}" href="${block.href}">${block.label}</a></p>\n`;
		}
		default:
			return block satisfies never;
	}
}

const linkHtml = (href: string) => html` <a class="link" style="${styles.link}" href="${href}">${href}</a>`;

const wordsHtml = (words: Words) =>
	typeof words === "string" ? words : words.map((part) => (typeof part === "string" ? part : html`<bdi>${part.typed}</bdi>`));

function textOf(block: Block): string {
	switch (block.kind) {
		case "paragraph":
			return wordsText(block.words);
		case "quiet":
			return [wordsText(block.words), ...(block.href ? [block.href] : [])].join("\n");
		case "code":
			return `    ${block.code}`;
		case "facts":
			return block.facts.map(([label, value]) => `${label}: ${wordsText(value)}`).join("\n");
		case "quote":
			return block.typed.replaceAll(/^/gm, "> ");
		case "button":
			return `${block.label}:\n${block.href}`;
		default:
			return block satisfies never;
	}
}

/** Text has nothing that could isolate what was typed: so it begins no line there, and turns nothing around. */
const wordsText = (words: Words): string =>
	typeof words === "string" ? words : words.map((part) => (typeof part === "string" ? part : oneLine(part.typed))).join("");
