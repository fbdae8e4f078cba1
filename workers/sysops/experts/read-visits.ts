import * as v from "valibot";
import type { Ctx } from "../../../shared/context.ts";
import { CustomerSnapshot } from "../../../shared/events/customer.ts";
import { type Page, pageOf, parseCursor } from "../../../shared/http/page.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { prepare } from "../../../shared/sql.ts";
import type { Actor } from "../../../shared/staff/require-staff.ts";
import { hours } from "../../../shared/time.ts";
import { selectComingVisits, selectExpertByEmail } from "./store.ts";

interface VisitRow {
	starts_at: number;
	ends_at: number;
	id: string;
	status: string;
	version: number;
	device: string;
	category: string;
	priority: string;
	text: string;
	customer: string;
}

const instant = (at: number) => new Date(at).toISOString();

/** A visit with its ticket, and where to go. */
function visitOf({ starts_at, ends_at, customer, ...ticket }: VisitRow) {
	const where = v.parse(CustomerSnapshot, JSON.parse(customer));
	return { from: instant(starts_at), to: instant(ends_at), ticket: { ...ticket, customer: where } };
}
type Visit = ReturnType<typeof visitOf>;

/**
 * A page of the visits of an expert that are not over, the next one first: of `expertId`, or the own ones. An expert sees
 * no one else's. Throws `not_permitted`, `not_found` for an actor who is no expert, `invalid_field` for one who names none.
 */
export async function listVisits({
	ctx,
	input: { actor, expertId, limit, cursor },
}: {
	ctx: Ctx;
	input: { actor: Actor; expertId: string | undefined; limit: number; cursor: string };
}): Promise<Page<Visit>> {
	const { at } = parseCursor(cursor, "oldest");
	const whose = actor.role === "expert" ? await ownId(ctx, actor, expertId) : expertId;
	if (whose === undefined) {
		throw new Problem("invalid_field", { errors: [{ field: "expert", rule: "required", expected: "the id of an expert" }] });
	}
	// a visit takes two hours
	const params = { expertId: whose, after: Math.max(at, ctx.now() - 2 * hours), limit: limit + 1 };
	const { results } = await prepare(ctx.databases.get("00"), selectComingVisits, params).all<VisitRow>();
	return pageOf(results, limit, (row) => ({ at: row.starts_at, id: row.id }), visitOf);
}

async function ownId(ctx: Ctx, { email }: Actor, wanted: string | undefined): Promise<string> {
	const { results } = await prepare(ctx.databases.get("00"), selectExpertByEmail, { email }).all<{ id: string }>();
	const own = results[0]?.id;
	if (own === undefined) throw new Problem("not_found");
	if (wanted !== undefined && wanted !== own) throw new Problem("not_permitted");
	return own;
}
