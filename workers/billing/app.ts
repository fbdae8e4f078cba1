import { Hono } from "hono";
import { replicaAge } from "../../shared/contracts/replicate.ts";
import { notFound, onError } from "../../shared/http/problem.ts";
import { healthzWith, withCtx } from "../../shared/http/with-ctx.ts";
import { type App, billingCtx } from "./context.ts";
import { deliveryHealth } from "./delivery/health.ts";
import { deliveryRoutes } from "./delivery/routes.ts";
import { customerInvoiceRoutes, invoiceRoutes } from "./invoices/routes.ts";
import { periodRoutes, periodsOfCustomerRoutes } from "./payments/routes.ts";
import { refundRoutes } from "./refunds/routes.ts";
import { subscriptionRoutes } from "./subscriptions/routes.ts";
import { vaultRoutes } from "./vault/routes.ts";

export const app = new Hono<App>()
	.use(withCtx<App>(billingCtx))
	.route("/api/v1/customers", customerInvoiceRoutes)
	.route("/api/v1/invoices", invoiceRoutes)
	.route("/api/v1/refunds", refundRoutes)
	.get("/healthz", healthzWith(replicaAge, deliveryHealth))
	.route("/api/v1/deliveries", deliveryRoutes)
	.route("/api/v1/customers", periodsOfCustomerRoutes)
	.route("/api/v1/periods", periodRoutes)
	.route("/api/v1/subscriptions", subscriptionRoutes)
	.route("/api/v1/vault", vaultRoutes)
	.notFound(notFound)
	.onError(onError);
