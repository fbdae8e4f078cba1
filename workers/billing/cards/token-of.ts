import type { WithPayments } from "../provider/provider.ts";
import type { CardOwner, SealedCard, WithVault } from "../vault/vault.ts";

/** What the payment provider knows a card by. Rejects without keys, and while the provider is away. */
export async function tokenOf(
	ctx: WithVault & WithPayments,
	{ cardId, customerId, ...sealed }: CardOwner & SealedCard,
): Promise<{ readonly token: string } | { readonly declined: true }> {
	const owner = { cardId, customerId };
	return ctx.payments.register(await ctx.vault.open(sealed, owner), owner);
}
