import { Hono } from "hono";
import type { App } from "./context.ts";
import { ticketPages } from "./tickets/pages.tsx";

/** Every page of the portal. */
export const pages = new Hono<App>().route("/tickets", ticketPages);
