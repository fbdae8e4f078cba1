import { type CardDisplay, isExpired } from "../../../shared/cards.ts";
import { days, minutes } from "../../../shared/time.ts";
import type { cards } from "../tables.ts";
import type { Card } from "./schemas.ts";

type State = typeof cards.$inferSelect.state;

/** From its submission on, a card as its customer sees it. Times in ms since 1970, UTC. */
export interface CardRow {
	readonly id: string;
	readonly state: Exclude<State, "open">;
	readonly reason: Card["reason"];
	readonly brand: CardDisplay["brand"];
	readonly last4: string;
	readonly exp_month: number;
	readonly exp_year: number;
	readonly replaces: string | null;
	readonly created_at: number;
	readonly submitted_at: number;
	readonly changed_at: number;
}

/** How long an intent is open, in ms. */
const openFor = 10 * minutes;
/** How long a card that is of no use any more is remembered, in ms: an intent from its end on, others from the change on. */
export const rememberedFor = { open: 1 * days, rejected: 90 * days, removed: 90 * days } as const;
/** How many cards and open intents a customer may have at once. */
export const mostCards = 10;

/** What counts as one of them, beside intents that are open. */
export const shown = ["submitted", "verified", "rejected"] as const satisfies State[];

/** When an intent that begins now ends, in whole seconds: as in the sealed card, so that both end in the same instant. */
export const endOfIntent = (now: number) => Math.floor(now / 1000) * 1000 + openFor;

/** Times leave as ISO 8601 instants. */
export function cardOf(row: CardRow, now: number): Card {
	const display = { brand: row.brand, last4: row.last4, expMonth: row.exp_month, expYear: row.exp_year };
	return {
		id: row.id,
		state: row.state,
		reason: row.reason,
		...display,
		expired: isExpired(display, now),
		replaces: row.replaces,
		createdAt: instant(row.created_at),
		submittedAt: instant(row.submitted_at),
		changedAt: instant(row.changed_at),
	};
}

/** Whether a plan may be paid with it, now or once it has been checked; `has-card.ts` asks the same of all of them. */
export const isOfUse = ({ state, expired }: Card) => (state === "verified" || state === "submitted") && !expired;

const instant = (at: number) => new Date(at).toISOString();
