import type { Life } from "./wire.ts";

/** One copy of an e-mail or a text message, as it has left for a customer. */
export interface Copy {
	/** Of the notification. */
	readonly id: string;
	readonly to: string;
	readonly text: string;
}

/**
 * Who carries e-mails and text messages, and what must hold of every one: no second copy, unless whoever sent the one
 * before was interrupted before it could note so; and none of what has been noted as sent.
 */
export class Post {
	readonly copies: Copy[] = [];
	readonly violations = new Set<string>();
	/** Of each notification the last copy: was it interrupted since? */
	readonly #interrupted = new Map<string, () => boolean>();
	readonly #noted = new Set<string>();

	take({ id, to, text, life }: Copy & { readonly life: Life }): void {
		const before = life.troubles;
		if (this.#noted.has(id)) this.violations.add(`${id} has left again after it was noted as sent`);
		if (this.#interrupted.get(id)?.() === false) this.violations.add(`${id} has left twice, and nothing had gone wrong`);
		this.#interrupted.set(id, () => life.dead || life.troubles > before);
		this.copies.push({ id, to, text });
	}

	/** A Worker notes that it has sent it. */
	noted(id: string): void {
		this.#noted.add(id);
	}
}
