import * as v from "valibot";
import { Problem } from "../../../shared/http/problem.ts";
import { parseJson } from "../../../shared/messaging/envelope.ts";
import type { RequestCtx } from "../context.ts";
import { CardKey } from "./schemas.ts";

const CardKeyList = v.pipe(v.array(CardKey), v.minLength(1));

/** Billing's public keys, the one that is given out first. Throws `unavailable` without any. */
export function cardKeysOf(ctx: Pick<RequestCtx, "cardKeys" | "log">): readonly [CardKey, ...CardKey[]] {
	const parsed = v.safeParse(CardKeyList, parseJson(ctx.cardKeys));
	const [first, ...others] = parsed.success ? parsed.output : [];
	if (first) return [first, ...others];
	ctx.log.alarm("card_keys_missing");
	throw new Problem("unavailable");
}
