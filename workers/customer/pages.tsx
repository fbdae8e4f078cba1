import { Hono } from "hono/tiny";
import { accountPages } from "./account/pages.tsx";
import { cardPages } from "./cards/pages.tsx";
import type { App } from "./context.ts";
import { contractPages } from "./contracts/pages.tsx";
import { homePages } from "./home/pages.tsx";
import { invoicePages } from "./invoices/pages.tsx";
import { planPages } from "./plans/pages.tsx";
import { profilePages } from "./profile/pages.tsx";
import { signInPages } from "./sign-in/pages.tsx";
import { surveyPages } from "./surveys/pages.tsx";
import { ticketPages } from "./tickets/pages.tsx";

/** Every page of the portal. */
export const pages = new Hono<App>()
	.route("/", homePages)
	.route("/", signInPages)
	.route("/contracts", contractPages)
	.route("/profile", profilePages)
	.route("/plan", planPages)
	.route("/cards", cardPages)
	.route("/invoices", invoicePages)
	.route("/tickets", ticketPages)
	.route("/surveys", surveyPages)
	.route("/account", accountPages);
