import { sessionToken } from "../../../shared/crypto/session-token.ts";
import { hours, minutes, seconds } from "../../../shared/time.ts";

const freshFor = 15 * minutes;
const lastUseIsExactTo = hours;

/** For so long, in milliseconds, an ended session is kept and told again at every sign-in: until no token of it serves. */
export const toldAgainFor = sessionToken.grace * seconds;

export interface SessionRow {
	readonly sessionId: string;
	readonly customerId: string;
	/** Milliseconds since 1970, UTC, like the others. */
	readonly createdAt: number;
	readonly lastUsedAt: number;
	readonly email: string;
	readonly heldUntil: number | null;
}

export interface CurrentSession extends SessionRow {
	/** Signed in less than 15 minutes ago. */
	readonly fresh: boolean;
}

/** What a session is worth at this moment. A hold that is over is none. */
export function sessionAt(row: SessionRow, now: number): CurrentSession {
	const held = row.heldUntil !== null && row.heldUntil > now;
	return { ...row, fresh: now - row.createdAt < freshFor, heldUntil: held ? row.heldUntil : null };
}

/** Is it time to note that the session was used? */
export const isUseOfNote = ({ lastUsedAt }: SessionRow, now: number): boolean => now - lastUsedAt >= lastUseIsExactTo;
