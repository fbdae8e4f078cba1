import { WorkerEntrypoint } from "cloudflare:workers";
import { onScheduled } from "../../shared/quantum.ts";
import { identityCtx } from "./context.ts";

/** What the customer Worker calls (shared/identity.ts). */
export class Identity extends WorkerEntrypoint<IdentityBindings> {}

export default {
	fetch: () => Response.json({ worker: "identity" }),
	scheduled: ({ cron }, env, execution) => onScheduled({ crons: {} }, identityCtx(env, execution), cron),
} satisfies ExportedHandler<IdentityBindings>;
