import type { Ctx } from "../../../shared/context.ts";
import { type Page, pageOf, parseCursor } from "../../../shared/http/page.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { prepare } from "../../../shared/sql.ts";
import type { ExpertRow } from "./expert.ts";
import { selectExpert, selectExperts, selectExpertsByActive } from "./store.ts";
import { type ExpertView, expertView } from "./view.ts";

/** A page of the experts in the order of their ids. */
export async function listExperts({
	ctx,
	input: { active, limit, cursor },
}: {
	ctx: Ctx;
	input: { active?: "true" | "false" | undefined; limit: number; cursor: string };
}): Promise<Page<ExpertView>> {
	const { id } = parseCursor(cursor, "oldest");
	const statement = active === undefined ? selectExperts : selectExpertsByActive;
	const params = { id, limit: limit + 1, active: Number(active === "true") };
	const { results } = await prepare(ctx.databases.get("00"), statement, params).all<ExpertRow>();
	return pageOf(results, limit, (row) => ({ at: 0, id: row.id }), expertView);
}

/** Throws `not_found`. */
export async function getExpert({ ctx, input }: { ctx: Ctx; input: { expertId: string } }): Promise<ExpertView> {
	const { results } = await prepare(ctx.databases.get("00"), selectExpert, { id: input.expertId }).all<ExpertRow>();
	const [row] = results;
	if (!row) throw new Problem("not_found");
	return expertView(row);
}
