import { together } from "../../../shared/quantum.ts";
import type { BillingCtx } from "../context.ts";
import { purgeVault } from "./purge-vault.ts";
import { rewrapVault } from "./rewrap-vault.ts";

/** In UTC. A Cron Trigger of its own: pruning alone may take most of the D1 calls that one run has. */
export const vaultCron = "47 * * * *";

/** Two jobs that do not stop each other. */
export const tendVault = (ctx: BillingCtx) => together(rewrapVault(ctx), purgeVault(ctx));
