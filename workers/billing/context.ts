import { cloudflareCtx, shardBindings } from "../../shared/cloudflare.ts";
import type { Ctx } from "../../shared/context.ts";
import type { WithContractFeed } from "../../shared/contracts/feed.ts";
import type { CardKeys } from "./cards/card-keys.ts";
import { joseCardKeys } from "./cards/jose-card-keys.ts";
import type { WithDeliveries } from "./delivery/deliveries.ts";
import { objectDeliveries } from "./delivery/object-deliveries.ts";
import { termsOf, type WithTerms } from "./invoices/terms.ts";
import { chosenProvider } from "./provider/chosen-provider.ts";
import type { WithPayments } from "./provider/provider.ts";
import type { WithVault } from "./vault/vault.ts";
import { webCryptoVault } from "./vault/web-crypto-vault.ts";

export type BillingCtx = Ctx &
	WithContractFeed &
	WithVault &
	WithPayments &
	WithTerms &
	WithDeliveries & { readonly cardKeys: CardKeys };

export interface App {
	Bindings: BillingBindings;
	Variables: { ctx: BillingCtx };
}

export function billingCtx(
	env: BillingBindings,
	execution: Pick<ExecutionContext, "waitUntil">,
	traceparent?: string,
): BillingCtx {
	const ctx = cloudflareCtx("billing", env, shardBindings(env, "BILLING_DB"), execution, traceparent);
	return Object.assign(ctx, {
		contractFeed: env.CONTRACT_FEED as unknown as WithContractFeed["contractFeed"], // the entrypoint that wrangler.toml names
		cardKeys: joseCardKeys(env.CARD_KEYS),
		vault: webCryptoVault(env.VAULT_KEKS, env.FINGERPRINT_KEY),
		payments: chosenProvider(env),
		terms: termsOf(env),
		deliveries: objectDeliveries(env.INVOICE_DELIVERY),
	});
}
