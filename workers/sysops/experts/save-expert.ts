import type { Ctx } from "../../../shared/context.ts";
import { idOf } from "../../../shared/ids.ts";
import { prepare, type SqlParams, type Statement } from "../../../shared/sql.ts";
import type { Actor } from "../../../shared/staff/require-staff.ts";
import { type ExpertRow, mostActiveExperts } from "./expert.ts";
import type { NewExpert } from "./schemas.ts";
import { selectEmailTaken, selectExpert } from "./store.ts";

/** What is stored of an expert as of `now`: without absences that are over. */
export const columnsOf = ({ name, email, active, skills, regions, hours, absences, capacity }: NewExpert, now: number) => ({
	name,
	email,
	active: active ? 1 : 0,
	skills: JSON.stringify(skills),
	regions: JSON.stringify(regions),
	hours: JSON.stringify(hours),
	absences: JSON.stringify(absences.filter(({ to }) => to > now)),
	capacity,
});

/**
 * Writes an expert, the audit row and the role in one batch, by `statements`, of which the `audit`-th gives a row when
 * there was something to write. Tells what then stands, and whether somebody else has the e-mail.
 */
export async function saveExpert(
	ctx: Ctx,
	{ actor, id, expert, more = {} }: { actor: Actor; id: string; expert: NewExpert; more?: SqlParams },
	{ statements, audit }: { statements: readonly Statement[]; audit: number },
): Promise<{ saved: boolean; expert: ExpertRow | undefined; isEmailTaken: boolean }> {
	const now = ctx.now();
	const database = ctx.databases.get("00");
	const params = {
		...columnsOf(expert, now),
		...more,
		id,
		now,
		actor: actor.email,
		auditId: idOf("aud", "00", ctx.randomBytes(16)),
		mostActive: mostActiveExperts,
	};
	const all = [...statements, selectExpert, selectEmailTaken];
	const results = await database.batch(all.map((statement) => prepare(database, statement, params)));
	const [row, taken] = results.slice(-2);
	return {
		saved: results[audit]?.results.length === 1,
		expert: row?.results[0] as ExpertRow | undefined, // of `selectExpert`
		isEmailTaken: taken?.results.length === 1,
	};
}
