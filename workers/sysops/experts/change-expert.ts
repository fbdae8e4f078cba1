import type { Ctx } from "../../../shared/context.ts";
import { Problem } from "../../../shared/http/problem.ts";
import type { Actor } from "../../../shared/staff/require-staff.ts";
import { saveExpert } from "./save-expert.ts";
import type { ChangedExpert } from "./schemas.ts";
import { auditChange, completeAudit, giveRole, takeOldRole, updateExpert } from "./store.ts";
import { type ExpertView, expertView } from "./view.ts";

export interface ChangeExpert {
	readonly actor: Actor;
	readonly expertId: string;
	readonly expert: ChangedExpert;
}

const change = { statements: [auditChange, takeOldRole, updateExpert, completeAudit, giveRole], audit: 0 };

/**
 * Writes an expert anew. Visits that can no longer be kept are given back by the next assignment, within a minute. A new
 * e-mail gets the staff role `expert`, the old one loses it. Throws `not_found`, `version_conflict` when `basedOn` is not
 * the newest, `email_taken`, `too_many_experts`.
 */
export async function changeExpert({ ctx, input }: { ctx: Ctx; input: ChangeExpert }): Promise<ExpertView> {
	const { actor, expertId: id, expert } = input;
	const more = { basedOn: expert.basedOn };
	const { saved, expert: row, isEmailTaken } = await saveExpert(ctx, { actor, id, expert, more }, change);
	if (!row) throw new Problem("not_found");
	if (saved) {
		ctx.log.info("expert_changed");
		return expertView(row);
	}
	if (row.version !== expert.basedOn) throw new Problem("version_conflict");
	throw new Problem(isEmailTaken ? "email_taken" : "too_many_experts");
}
