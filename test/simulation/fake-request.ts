import type { Identity } from "../../shared/identity.ts";
import type { RequestCtx } from "../../workers/customer/context.ts";
import type { Cluster } from "./cluster.ts";
import { fakePublicKeys } from "./fake-cards.ts";
import type { SimulatedCtx } from "./quanta.ts";

/** identity trusts every session: whether one is still good is what the customer's own shard says here. */
const trusting: Pick<Identity, "checkTrust"> = { checkTrust: async () => ({ done: true }) };

/** What a verb of the customer Worker has besides when a customer asks for it. */
export const asRequest = (cluster: Cluster, ctx: SimulatedCtx): RequestCtx => ({
	...ctx,
	identity: trusting as Identity, // nothing else is asked of it here
	databases: { ...ctx.databases, bookmarkOf: () => undefined },
	cardKeys: fakePublicKeys(cluster.cardKeys),
	atPrimary: ctx,
});
