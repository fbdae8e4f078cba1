import type { BaseCtx } from "../../../shared/context.ts";
import { shardOf } from "../../../shared/ids.ts";
import { prepare } from "../../../shared/sql.ts";
import type { WithPayments } from "../provider/provider.ts";
import type { CardOwner, SealedCard, WithVault } from "../vault/vault.ts";
import { swapSealed } from "./store.ts";

/**
 * What the payment provider knows a card by. Of one that was sealed when the vault kept numbers, the provider is told now, and
 * its token takes the number's place: in one statement, and whoever else does so at once is given a token that does the
 * same. `declined`: the provider does not take it, and it cannot be charged; its number stays until it is removed.
 * Rejects without keys, and while the provider is away.
 */
export async function tokenOf(
	ctx: BaseCtx & WithVault & WithPayments,
	card: CardOwner & SealedCard,
): Promise<{ token: string } | { declined: true }> {
	const { cardId, customerId, sealedCard: was } = card;
	const owner = { cardId, customerId };
	const secret = await ctx.vault.open(card, owner);
	if ("token" in secret) return { token: secret.token };
	const registered = await ctx.payments.register(secret, owner);
	if ("declined" in registered) return registered;
	const { token } = registered;
	const { kekId, wrappedKey, sealedCard } = await ctx.vault.seal(
		{ token, expMonth: secret.expMonth, expYear: secret.expYear },
		owner,
	);
	const database = ctx.databases.get(shardOf(customerId));
	await prepare(database, swapSealed, { cardId, was, kekId, wrappedKey, sealedCard }).run();
	return { token };
}
