import { type Pruning, pruneTables, pruning } from "../../shared/messaging/prune.ts";
import { type Crons, together } from "../../shared/quantum.ts";
import { sql } from "../../shared/sql.ts";
import { days } from "../../shared/time.ts";
import type { IdentityCtx } from "./context.ts";
import { carryOutChanges } from "./email-change/carry-out-changes.ts";
import { sendDueNotices } from "./mails/send.ts";
import { toldAgainFor } from "./sessions/session.ts";

const prunings: readonly Pruning[] = [
	pruning("verifications", "id", "expires_at", 0),
	pruning("sessions", "id", "expires_at", toldAgainFor),
	pruning("code_sends", "email, sent_at, id", "sent_at", days),
	// nobody has taken them for a week: what they tell is old by now
	pruning("notices", "id", "created_at", 7 * days),
	// the plus keeps SQLite from reading all that are finished by the index of what is due
	{
		keep: 30 * days,
		statement: sql(`
			delete from email_changes where id in (select id from email_changes
				where created_at < :before and +next_attempt_at is null order by created_at limit :limit)
			returning 1`),
	},
];

/** What identity does without being asked. In UTC. */
export const identityCrons: Crons<IdentityCtx> = {
	"* * * * *": (ctx) => together(carryOutChanges(ctx), sendDueNotices(ctx)),
	"17 * * * *": (ctx) => pruneTables(ctx, prunings),
};
