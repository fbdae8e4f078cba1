import * as v from "valibot";
import { Problem, type ProblemCode } from "../../../shared/http/problem.ts";
import { type Identity, Refused } from "../../../shared/identity.ts";
import { describeError } from "../../../shared/log.ts";
import { seconds } from "../../../shared/time.ts";
import type { RequestCtx } from "../context.ts";

const problemOf: Readonly<Record<Refused["refused"], ProblemCode>> = {
	wrong_code: "wrong_code",
	wrong_passkey: "wrong_passkey",
	signed_out: "session_revoked",
	not_fresh: "session_not_fresh",
	held: "change_held",
	too_many_codes: "too_many_codes",
};

/** For this long an isolate does not wait again for an identity that did not answer. */
const awayFor = 5 * seconds;
const awayUntil = new WeakMap<Identity, number>();

/**
 * Asks identity and checks its answer: it comes from another deployment. Throws the problem that a refusal means, and
 * `unavailable` when identity fails or does not answer within `patience` milliseconds.
 */
export async function askIdentity<S extends v.GenericSchema>(
	ctx: RequestCtx,
	schema: S,
	ask: (identity: Identity) => Promise<unknown>,
	patience = 10 * seconds,
): Promise<v.InferOutput<S>> {
	if (ctx.now() < (awayUntil.get(ctx.identity) ?? 0)) throw new Problem("unavailable");
	let answer: unknown;
	try {
		answer = await inTime(ask(ctx.identity), patience);
	} catch (error) {
		if (error instanceof Late) awayUntil.set(ctx.identity, ctx.now() + awayFor);
		ctx.log.warn("identity_away", { error: describeError(error) });
		throw new Problem("unavailable");
	}
	const refusal = v.safeParse(Refused, answer);
	if (refusal.success) throw new Problem(problemOf[refusal.output.refused]);
	const parsed = v.safeParse(schema, answer);
	if (parsed.success) return parsed.output;
	ctx.log.alarm("identity_not_understood");
	throw new Problem("unavailable");
}

class Late extends Error {
	override readonly name = "Late";
}

async function inTime<T>(work: Promise<T>, patience: number): Promise<T> {
	let timer: ReturnType<typeof setTimeout> | null = null;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Late()), patience);
	});
	try {
		return await Promise.race([work, late]);
	} finally {
		clearTimeout(timer);
	}
}
