import { Hono } from "hono/tiny";
import { ButtonLink, EmptyState } from "../../../shared/ui/text.tsx";
import type { App } from "../context.ts";
import { optionalSession } from "../sessions/require-session.ts";
import { show } from "../show.tsx";
import { listContracts } from "./list-contracts.ts";
import { ContractCards } from "./views.tsx";

export const contractPages = new Hono<App>().get("/", optionalSession, async (c) => {
	const { contracts } = await listContracts({ ctx: c.get("ctx") });
	const visitor = c.get("visitor");
	return show(
		c,
		{ title: "Support contracts", current: "/contracts" },
		<>
			<div class="head">
				<h1>Support contracts</h1>
				<ButtonLink href={visitor ? "/plan/edit" : "/sign-in"}>{visitor ? "Choose your plan" : "Get started"}</ButtonLink>
			</div>
			<p class="lead">
				Put your support plan together from these contracts. You pay monthly, and can change or cancel it every month.
			</p>
			{contracts.length > 0 ? (
				<ContractCards contracts={contracts} />
			) : (
				<EmptyState title="The catalogue is on its way">
					<p>Our contracts will be here in a few minutes.</p>
				</EmptyState>
			)}
		</>,
	);
});
