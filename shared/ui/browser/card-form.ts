import { type CardToSeal, type SealIntent, sealCard } from "./card.ts";
import { type Brands, readExpiry, readNumber } from "./card-entry.ts";

/**
 * The form of a card, `data-card`: checks what is typed, seals it, and sends it. Its fields have no names and it has no
 * action, so that without this nothing is ever sent. The number is nowhere but in its field, and there no longer than needed.
 */

interface Trouble {
	readonly message: string;
	/** Where to go about it; a label alone leads to the sign-in page and back. */
	readonly link?: string | readonly [label: string, path: string];
}

const signIn = "Sign in again";
const cards = ["See your cards", "/cards"] as const;
const signedOut = { message: "You are signed out. Sign in again, and you come back here. Your card was not sent.", link: signIn };

/** What is in the way, by the server's word for it. */
const words: Readonly<Record<string, Trouble>> = {
	unauthenticated: signedOut,
	session_expired: signedOut,
	session_revoked: signedOut,
	session_not_fresh: {
		message: "For your safety this needs a sign-in of the last 15 minutes. Your card was not sent.",
		link: signIn,
	},
	change_held: {
		message: "Your account was recovered a short while ago, so no card can be added yet. Your card was not sent.",
		link: ["Your account says until when", "/account"],
	},
	too_many_cards: { message: "You have as many cards as we keep. Remove one first. Your card was not sent.", link: cards },
	card_not_verified: { message: "The card that this one was to replace is not there any more. Look at your cards.", link: cards },
	intent_closed: { message: "That took too long, so your card was not taken. Add it again." },
	rate_limited: { message: "That was a little fast. Wait a minute, then add it again." },
	unavailable: { message: "This is not available right now. Wait a moment, then add it again." },
};
const notReached = { message: "We could not be reached, and nothing was sent. Check your connection, then try again." };
const notAnswered = { message: "We did not hear whether your card has arrived. Try again: it is added once only." };
const otherwise: Trouble = {
	message: "That did not work, and your card was not taken. Load this page again, then try once more.",
};

/** No answer came: the request may have arrived or not. */
class NoAnswer extends Error {}

/** The server has answered with a word for what is wrong. */
class Refused extends Error {}

async function post(path: string, body: string): Promise<{ answer: unknown; at: number }> {
	const init = { method: "POST", headers: { "content-type": "application/json" }, body };
	const response = await fetch(path, init).catch(() => {
		throw new NoAnswer();
	});
	const answer: unknown = await response.json().catch(() => ({}));
	if (!response.ok) throw new Refused((answer as { code?: string }).code); // problem+json, or nothing that is looked at
	return { answer, at: Date.parse(response.headers.get("date") ?? "") || Date.now() };
}

function element(name: string, attributes: Readonly<Record<string, string>>, ...children: (Node | string)[]): HTMLElement {
	const made = document.createElement(name);
	for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
	made.append(...children);
	return made;
}

/** Says what is wrong at the field, as shared/ui/fields.tsx does; without a message, nothing any more. */
function mark(input: HTMLInputElement, message?: string): void {
	const hint = document.getElementById(`${input.id}-hint`);
	const id = `${input.id}-error`;
	document.getElementById(id)?.remove();
	input.parentElement?.classList.toggle("invalid", message !== undefined);
	input.setAttribute("aria-describedby", [hint?.id, message && id].filter(Boolean).join(" "));
	input.removeAttribute("aria-invalid");
	if (message === undefined) return;
	input.setAttribute("aria-invalid", "true");
	const prefix = element("span", { class: "visually-hidden" }, "Error: ");
	hint?.after(element("span", { class: "wrong", id }, prefix, message));
}

/** The summary above the form, as shared/ui/form.tsx has it, with the focus. */
function summarize(form: HTMLFormElement, title: string, ...content: (Node | string)[]): void {
	const attributes = { class: "message error stack close", role: "alert", tabindex: "-1", "data-summary": "" };
	const summary = element("div", attributes, element("h2", {}, title), ...content);
	form.prepend(summary);
	summary.focus();
}

/** Whether the same submission may yet be taken: said again as it was, it is the same card. */
const isOpen = (error: unknown) =>
	error instanceof NoAnswer || (error instanceof Refused && ["unavailable", "internal", "rate_limited"].includes(error.message));

function enter(form: HTMLFormElement): void {
	const number = form.querySelector<HTMLInputElement>("#number");
	const expiry = form.querySelector<HTMLInputElement>("#expiry");
	const status = form.querySelector<HTMLElement>("[data-card-status]");
	if (!number || !expiry || !status) return;
	const { replaces, signIn: signInPath = "/sign-in" } = form.dataset;
	const brands: Brands = JSON.parse(form.dataset["brands"] ?? "{}"); // made by the page out of shared/cards.ts
	/** What was sent and not taken or refused yet, and what it was made of. */
	let pending: { typed: string; body: string } | undefined;
	let busy = false;

	/** The body of a submission: a card that is sealed for an intent of its own. */
	async function seal(card: CardToSeal, brand: string): Promise<string> {
		const { answer, at } = await post("/api/v1/cards/intents", JSON.stringify({ ...(replaces && { replaces }) }));
		const intent = answer as SealIntent; // our own API's
		const { pan, expMonth, expYear } = card;
		const jwe = await sealCard(card, intent, at);
		return JSON.stringify({ cardId: intent.cardId, jwe, brand, last4: pan.slice(-4), expMonth, expYear });
	}

	async function send(card: CardToSeal, brand: string): Promise<void> {
		const typed = JSON.stringify(card);
		try {
			if (pending?.typed !== typed) pending = undefined;
			pending ??= { typed, body: await seal(card, brand) };
			await post("/api/v1/cards", pending.body);
		} catch (error) {
			if (!isOpen(error)) pending = undefined;
			throw error;
		}
	}

	function explain(error: unknown): void {
		const noAnswer: Trouble = pending ? notAnswered : notReached;
		const known = error instanceof Refused && Object.hasOwn(words, error.message) ? words[error.message] : undefined;
		const { message, link } = known ?? (error instanceof NoAnswer ? noAnswer : otherwise);
		const [label, path] = typeof link === "string" ? [link, signInPath] : (link ?? []);
		const way = label && path ? [element("p", {}, element("a", { class: "link", href: path }, label))] : [];
		summarize(form, "This did not work", element("p", {}, message), ...way);
	}

	/** What is typed, when all of it can be right; else says what is not. */
	function check(number: HTMLInputElement, expiry: HTMLInputElement) {
		const [read, good] = [readNumber(number.value, brands), readExpiry(expiry.value, Date.now())];
		const wrong = [[number, read] as const, [expiry, good] as const].flatMap(([input, result]) => {
			mark(input, "wrong" in result ? result.wrong : undefined);
			return "wrong" in result ? [element("li", {}, element("a", { href: `#${input.id}` }, result.wrong))] : [];
		});
		if (!("wrong" in read) && !("wrong" in good)) return { brand: read.brand, card: { pan: read.pan, ...good } };
		summarize(form, "Please check what you entered", element("ul", {}, ...wrong));
		return undefined;
	}

	form.addEventListener("submit", async (event) => {
		event.preventDefault();
		if (busy) return;
		form.querySelector("[data-summary]")?.remove();
		const checked = check(number, expiry);
		if (!checked) return;
		busy = true;
		status.textContent = "Your card is being encrypted and sent.";
		try {
			await send(checked.card, checked.brand);
			pending = undefined;
			form.reset();
			location.assign("/cards?done=card-submitted");
		} catch (error) {
			explain(error);
			busy = false;
		}
		status.textContent = "";
	});
	// who comes back to the page finds it as it was left
	addEventListener("pageshow", () => {
		busy = false;
	});
	form.hidden = false;
	for (const hint of document.querySelectorAll<HTMLElement>("[data-card-without]")) hint.hidden = true;
}

const form = document.querySelector<HTMLFormElement>("form[data-card]");
if (form) enter(form);
