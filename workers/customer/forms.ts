import type { Typed } from "../../shared/http/form.ts";
import { type FieldError, Problem, type ProblemCode } from "../../shared/http/problem.ts";
import type { FormState } from "../../shared/ui/form.tsx";

/**
 * What is to be entered, by the name of the field, and by name and rule where one rule needs other words. The words
 * belong to the form; what somebody typed is never part of them.
 */
export type Words = Readonly<Record<string, string>>;

/** What can be in the way of a form, in words, and where to go about it. */
const obstacles: Partial<Record<ProblemCode, Omit<NonNullable<FormState["obstacle"]>, "code">>> = {
	profile_incomplete: {
		message: "We need your address and phone number first, so that an expert can come to you.",
		link: ["Complete your profile", "/profile"],
	},
	no_active_plan: {
		message: "You need an active support plan to submit a ticket.",
		link: ["Choose your plan", "/plan/edit"],
	},
	idempotency_key_reused: {
		message: "You have sent this form before, with another content. If this is something new, send it again.",
		link: ["See your tickets", "/tickets"],
	},
	wrong_status: {
		message: "Meanwhile this ticket has come to a state in which that is not possible any more.",
		link: ["See your tickets", "/tickets"],
	},
	contract_not_offered: {
		message: "The catalogue has changed meanwhile. These are the contracts on offer now.",
	},
	nothing_to_cancel: { message: "You have no active plan that could be cancelled.", link: ["See your plan", "/plan"] },
	too_many_cards: {
		message: "You have as many cards as we keep. Remove one first.",
		link: ["See your cards", "/cards"],
	},
	card_not_verified: {
		message: "Only a card that has been checked can be replaced. Meanwhile this one is not among them.",
		link: ["See your cards", "/cards"],
	},
	session_not_fresh: {
		message: "For your safety this needs a sign-in of the last 15 minutes.",
		link: ["Sign in again", "/sign-in?again=yes&next=/account"],
	},
	change_held: {
		message: "Your account was recovered a short while ago, so this cannot be changed yet.",
		link: ["Your account says until when", "/account"],
	},
	too_many_codes: { message: "Too many codes were asked for. Please try again in an hour." },
	rate_limited: { message: "That was a little fast. Please wait a minute and try again." },
	unavailable: { message: "This is not available right now. Nothing is lost: wait a moment, then send it again." },
};

const wrongCode = "This code is not right, or not good any more. Check it, or have a new one sent";

/**
 * Runs what a form asks for. When it is refused for a reason that somebody can do something about, shows the form
 * again with what was typed and the reason in words; every other error goes its usual way.
 */
export async function orAgain<Answer>(
	{ typed, words }: { typed: Typed; words: Words },
	submit: () => Promise<Answer>,
	again: (form: FormState, status: 409 | 422 | 503) => Answer | Promise<Answer>,
): Promise<Answer> {
	try {
		return await submit();
	} catch (error) {
		if (!(error instanceof Problem)) throw error;
		if (error.code === "invalid_field") return again({ values: typed, errors: inWords(error.details.errors ?? [], words) }, 422);
		if (error.code === "wrong_code") return again({ values: typed, errors: [{ field: "code", message: wrongCode }] }, 422);
		return again({ values: typed, obstacle: inTheWay(error) }, error.code === "unavailable" ? 503 : 422);
	}
}

/** What is in the way of a form before anybody has typed into it; every other error goes its usual way. */
export async function obstacleOf(check: () => Promise<void>): Promise<FormState["obstacle"]> {
	try {
		await check();
		return undefined;
	} catch (error) {
		if (!(error instanceof Problem)) throw error;
		return inTheWay(error);
	}
}

function inTheWay(error: Problem): NonNullable<FormState["obstacle"]> {
	const obstacle = obstacles[error.code];
	if (!obstacle) throw error;
	return { ...obstacle, code: error.code };
}

/** One message a field: the first thing that is wrong with it. */
function inWords(errors: readonly FieldError[], words: Words) {
	const firsts = new Map<string, string>();
	for (const { field: path, rule } of errors) {
		const [field = ""] = path.split(".");
		const known = Object.hasOwn(words, field) ? field : "";
		if (!firsts.has(known))
			firsts.set(
				known,
				words[`${known} ${rule}`] ?? words[known] ?? "This form is not as we sent it. Please load the page again.",
			);
	}
	return [...firsts].map(([field, message]) => ({ field, message }));
}
