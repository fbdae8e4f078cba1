import * as v from "valibot";
import type { Ctx } from "../../../shared/context.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { shardOf } from "../../../shared/ids.ts";
import { prepare } from "../../../shared/sql.ts";
import { isRevoked } from "../sessions/revoked.ts";
import { Phases, type SignedLine, type SignedPlan } from "./plan.ts";
import type { WantedLine } from "./schemas.ts";
import { selectOffers, selectPlan } from "./store.ts";

export interface PlanRow {
	readonly version: number;
	readonly starts_at: number;
	readonly ends_at: number | null;
	readonly phases: string;
}

interface OfferRow {
	readonly contract_id: string;
	readonly version: number;
	readonly name: string;
	readonly price_minor: number;
	readonly currency: string;
}

interface Loaded {
	/** -1: there is none. */
	readonly version: number;
	readonly plan: SignedPlan | undefined;
	readonly offers: readonly SignedLine[];
}

/** All that a wish is decided upon, in one batch. Throws `session_revoked` for the session of somebody who wants to sign. */
export async function loadPlan(
	ctx: Ctx,
	wish: { customerId: string; sessionId?: string; lines: readonly WantedLine[] },
): Promise<Loaded> {
	const { customerId, sessionId } = wish;
	const database = ctx.databases.get(shardOf(customerId));
	const contractIds = JSON.stringify(wish.lines.map(({ contractId }) => contractId));
	const [plans, offers, revoked] = await database.batch([
		prepare(database, selectPlan, { customerId }),
		prepare(database, selectOffers, { contractIds }),
		...(sessionId === undefined ? [] : [prepare(database, isRevoked, { sessionId })]),
	]);
	if ((revoked?.results[0] as { revoked: number } | undefined)?.revoked) throw new Problem("session_revoked");
	const row = plans?.results[0] as PlanRow | undefined; // the shape of `selectPlan`
	const rows = (offers?.results ?? []) as unknown as OfferRow[]; // of `selectOffers`
	return { version: row?.version ?? -1, plan: row && signedPlanOf(row), offers: rows.map(offerOf) };
}

export function signedPlanOf({ starts_at: startsAt, ends_at: endsAt, phases }: PlanRow): SignedPlan {
	return { startsAt, endsAt, phases: v.parse(Phases, JSON.parse(phases)) };
}

function offerOf({ contract_id: contractId, version: contractVersion, name, price_minor: priceMinor, currency }: OfferRow) {
	return { contractId, contractVersion, name, priceMinor, currency };
}
