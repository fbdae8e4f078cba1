import { replicateContracts, replicateCron } from "../../shared/contracts/replicate.ts";
import { relay } from "../../shared/messaging/relay.ts";
import { messagingCrons, relayCron } from "../../shared/messaging/schedule.ts";
import { type Quantum, together } from "../../shared/quantum.ts";
import { onCardRemoved } from "./cards/on-card-removed.ts";
import { onCardSubmitted } from "./cards/on-card-submitted.ts";
import { pruneCards } from "./cards/prune-cards.ts";
import type { BillingCtx } from "./context.ts";
import { onCustomerChanged } from "./customers/on-customer-changed.ts";
import { invoiceKeeper } from "./delivery/keep-invoices.ts";
import { sweepDeliveries } from "./delivery/sweep-deliveries.ts";
import { paymentCron, startCharges } from "./payments/schedule.ts";
import { workCharges } from "./payments/work-charges.ts";
import { workRefunds } from "./refunds/work-refunds.ts";
import { onPlanChanged } from "./subscriptions/on-plan-changed.ts";
import { tendVault, vaultCron } from "./vault/schedule.ts";

/** What billing does without being asked. */
export const billing: Quantum<BillingCtx> = {
	worker: "billing",
	consumes: [onCustomerChanged, onPlanChanged, onCardRemoved, onCardSubmitted],
	onReceipt: [],
	keeper: invoiceKeeper,
	works: { charges: workCharges },
	// where nothing waits for a day, as in the local stack, a plan is charged as soon as it is heard of
	afterEvents: startCharges,
	crons: {
		...messagingCrons([pruneCards]),
		[relayCron]: (ctx) => together(relay(ctx), sweepDeliveries(ctx)),
		[replicateCron]: (ctx) => replicateContracts(ctx),
		[vaultCron]: tendVault,
		[paymentCron]: (ctx) => together(startCharges(ctx), workRefunds(ctx)),
	},
};
