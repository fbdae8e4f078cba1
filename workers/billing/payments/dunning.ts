import { days } from "../../../shared/time.ts";
import type { Decline } from "../provider/provider.ts";

/** Days after a round began on which a card that may say yes another day is asked again. */
const again = [3, 5, 7] as const;

/** Attempts since a round began: the first one, or the first with another card. */
export interface Round {
	/** Those that were declined. */
	readonly declines: number;
	/** When it began; null before the first decline. */
	readonly roundAt: number | null;
}

/** What becomes of a period whose attempt was declined. Without `attemptAt` nothing is tried any more by itself: it is parked. */
export interface Dunning {
	readonly declines: number;
	readonly roundAt: number;
	readonly attemptAt: number | null;
}

/**
 * After a soft decline it is tried again on days 3, 5 and 7 of the round; a day that is over is left out, so that nobody
 * is asked twice at once. After the last one, and after a hard decline, it is parked.
 */
export function afterDecline(
	{ declines, roundAt }: Round,
	{ kind, startedAt, now }: { kind: Decline["kind"]; startedAt: number; now: number },
): Dunning {
	const began = roundAt ?? startedAt;
	const next = kind === "soft" ? again.slice(declines).find((day) => began + day * days > now) : undefined;
	return { declines: declines + 1, roundAt: began, attemptAt: next === undefined ? null : began + next * days };
}
