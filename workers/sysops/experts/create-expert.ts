import type { Ctx } from "../../../shared/context.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { idOf } from "../../../shared/ids.ts";
import { prepare } from "../../../shared/sql.ts";
import type { Actor } from "../../../shared/staff/require-staff.ts";
import { columnsOf, saveExpert } from "./save-expert.ts";
import type { NewExpert } from "./schemas.ts";
import { auditInsert, giveRole, insertExpert, selectCreation } from "./store.ts";
import { type ExpertView, expertView } from "./view.ts";

export interface CreateExpert {
	readonly actor: Actor;
	readonly expert: NewExpert;
	readonly idempotencyKey: string | undefined;
}

const creation = { statements: [insertExpert, auditInsert, giveRole], audit: 1 };

/**
 * Adds an expert. The e-mail gets the staff role `expert` in the same batch, so that whoever has it can sign in through
 * Access; whoever has another role keeps that. With an Idempotency-Key the id follows from who asks and the key, so a
 * repetition finds the expert, as he or she is by now. Throws `email_taken`, `too_many_experts`, `idempotency_key_reused`.
 */
export async function createExpert({ ctx, input }: { ctx: Ctx; input: CreateExpert }): Promise<ExpertView> {
	const { actor, expert, idempotencyKey: key } = input;
	const bytes = key === undefined ? ctx.randomBytes(16) : await ctx.digest(JSON.stringify([actor.email, "expert", key]));
	const id = idOf("exp", "00", bytes);
	const { saved, expert: row, isEmailTaken } = await saveExpert(ctx, { actor, id, expert }, creation);
	if (!row) throw new Problem(isEmailTaken ? "email_taken" : "too_many_experts");
	if (saved) {
		ctx.log.info("expert_created");
		return expertView(row);
	}

	const { results } = await prepare(ctx.databases.get("00"), selectCreation, { id }).all<{ at: number; after: string }>();
	const [created] = results;
	if (!created || created.after !== pictureOf(expert, created.at)) throw new Problem("idempotency_key_reused");
	return expertView(row);
}

/** As `audit` has it of that moment. */
function pictureOf(expert: NewExpert, at: number): string {
	const { name, email, skills, regions, hours, absences, capacity } = columnsOf(expert, at);
	const lists = {
		skills: JSON.parse(skills),
		regions: JSON.parse(regions),
		hours: JSON.parse(hours),
		absences: JSON.parse(absences),
	};
	return JSON.stringify({ version: 1, name, email, active: expert.active, ...lists, capacity });
}
