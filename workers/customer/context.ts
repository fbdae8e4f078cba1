import { cloudflareCtx, shardBindings, shardSessions } from "../../shared/cloudflare.ts";
import type { Ctx } from "../../shared/context.ts";
import type { WithContractFeed } from "../../shared/contracts/feed.ts";
import type { Session } from "../../shared/crypto/session-token.ts";
import { joseSurveyTokens, type WithSurveyTokens } from "../../shared/crypto/survey-token.ts";
import type { SessionDatabases } from "../../shared/databases.ts";
import type { Identity } from "../../shared/identity.ts";
import { bookmarkOf } from "./sessions/bookmark.ts";

export type CustomerCtx = Ctx & WithContractFeed & WithSurveyTokens;

/** The ports of a request: it may ask identity, and its databases are D1 sessions that begin where the customer has seen them. */
export interface RequestCtx extends CustomerCtx {
	readonly identity: Identity;
	readonly databases: SessionDatabases;
	/** `CARD_PUBLIC_KEYS`: billing's public keys for cards, the first is given out. */
	readonly cardKeys: string;
	/** The same on the primaries, for work that no customer waits for. */
	readonly atPrimary: CustomerCtx;
}

export interface App {
	Bindings: CustomerBindings;
	Variables: {
		ctx: RequestCtx;
		/** Behind `requireSession` and `requireSignIn`. */
		session: Session;
		/** Behind `optionalSession`: who asks, if anybody has signed in. */
		visitor: Session | undefined;
		/** identity's secret of the session, out of `__Host-refresh`. API clients with a token of their own have none. */
		refreshSecret: string | undefined;
		/** Set by `allowGrace`. */
		grace: boolean | undefined;
	};
}

/** The ports of a queue batch, a Cron run or a call by identity: databases are the primaries. */
export function customerCtx(
	env: CustomerBindings,
	execution: Pick<ExecutionContext, "waitUntil">,
	traceparent?: string,
): CustomerCtx {
	const ctx = cloudflareCtx("customer", env, shardBindings(env, "CUSTOMER_DB"), execution, traceparent);
	return Object.assign(ctx, {
		contractFeed: env.CONTRACT_FEED as unknown as WithContractFeed["contractFeed"], // the entrypoint that wrangler.toml names
		surveyTokens: joseSurveyTokens(env.SURVEY_KEYS),
	});
}

export function requestCtx(
	env: CustomerBindings,
	execution: Pick<ExecutionContext, "waitUntil">,
	traceparent: string,
	request: Request,
): RequestCtx {
	const atPrimary = customerCtx(env, execution, traceparent);
	const own: CustomerCtx = Object.create(atPrimary); // a copy would import the signing key, see `cloudflareCtx`
	return Object.assign(own, {
		atPrimary,
		databases: shardSessions(env, "CUSTOMER_DB", bookmarkOf(request)),
		cardKeys: env.CARD_PUBLIC_KEYS,
		identity: env.IDENTITY as unknown as Identity, // the entrypoint that wrangler.toml names
	});
}
