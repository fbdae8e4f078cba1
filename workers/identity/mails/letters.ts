import type { Message } from "../../../shared/mail.ts";
import { type Block, paragraph, render } from "../../../shared/ui/letter.ts";
import { shownCode } from "../codes/code.ts";
import type { Notice } from "./notice.ts";

const signature = "Penultimate Electronics, support";

const purposes = {
	"sign-in": { subject: "Your code to sign in", intro: "Type this code to sign in to your support account:" },
	"change-email": {
		subject: "Your code to confirm this address",
		intro: "Type this code to use this address for your support account:",
	},
} as const;

/** The code is in the body only: a subject is shown on locked screens. */
export function codeMail(to: string, purpose: keyof typeof purposes, code: string): Message {
	const { subject, intro } = purposes[purpose];
	return messageOf(to, subject, [
		paragraph(intro),
		{ kind: "code", code: shownCode(code) },
		...[
			"It is good for 10 minutes, and only in the browser that asked for it.",
			"None of us will ever ask you for this code, neither on the phone nor by e-mail. If you did not ask for it, ignore this mail: without the code nothing happens.",
		].map(paragraph),
	]);
}

const notices: Readonly<Record<Notice["kind"], { readonly subject: string; readonly paragraphs: readonly string[] }>> = {
	recovered: {
		subject: "Somebody signed in to your account with a code",
		paragraphs: [
			"Your account has a passkey, and somebody has just signed in to it with a code from this mailbox instead. All other devices have been signed out, and for the next 24 hours neither the e-mail address nor a card can be changed.",
			"If that was you, there is nothing to do. If it was not, somebody else reads your mail: change the password of this mailbox, then sign in and sign out all other sessions.",
		],
	},
	email_change_held: {
		subject: "The e-mail address of your account is about to change",
		paragraphs: [
			"Somebody who is signed in to your support account wants to use another e-mail address for it. The change takes effect in 24 hours.",
			"If that was you, there is nothing to do. If it was not, sign in now with this address, call off the change on your account page and sign out all other sessions.",
		],
	},
	email_changed: {
		subject: "The e-mail address of your account has changed",
		paragraphs: [
			"As announced 24 hours ago, your support account now has another e-mail address. This is the last mail about it to this one.",
			"If you did not want that, please call us.",
		],
	},
	email_change_dropped: {
		subject: "The e-mail address of your account stays as it is",
		paragraphs: [
			"The change of your e-mail address that we announced did not happen: the new address cannot be used for your account. Nothing has changed, and you sign in with this address as before.",
		],
	},
	email_taken: {
		subject: "You have an account with this address already",
		paragraphs: [
			"Somebody, perhaps you, wanted to use this address for another support account. It belongs to your account already, so nothing has changed and there is nothing to do.",
		],
	},
};

export function noticeMail({ email: to, kind }: Notice): Message {
	const { subject, paragraphs } = notices[kind];
	return messageOf(to, subject, ["Hello,", ...paragraphs].map(paragraph));
}

const messageOf = (to: string, subject: string, blocks: readonly Block[]): Message => ({
	to,
	...render({ language: "en", subject, blocks, signature }),
});
