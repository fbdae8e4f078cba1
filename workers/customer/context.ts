import { cloudflareCtx, shardBindings } from "../../shared/cloudflare.ts";
import type { Ctx } from "../../shared/context.ts";
import type { Session } from "./sessions/session.ts";

export interface App {
	Bindings: CustomerBindings;
	Variables: { ctx: Ctx; session: Session };
}

export function customerCtx(env: CustomerBindings, execution: Pick<ExecutionContext, "waitUntil">, traceparent?: string): Ctx {
	return cloudflareCtx("customer", env, shardBindings(env, "CUSTOMER_DB"), execution, traceparent);
}
