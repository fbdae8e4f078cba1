import type { Context } from "hono";
import { Hono } from "hono/tiny";
import type { Session } from "../../../shared/crypto/session-token.ts";
import { ButtonLink } from "../../../shared/ui/text.tsx";
import type { App } from "../context.ts";
import { listContracts } from "../contracts/list-contracts.ts";
import { getPlanAndPayment } from "../plans/get-plan.ts";
import { getProfile } from "../profile/get-profile.ts";
import { optionalSession } from "../sessions/require-session.ts";
import { show } from "../show.tsx";
import { listTickets } from "../tickets/read-tickets.ts";
import { OwnHome, Welcome } from "./views.tsx";

/** How many there are of each: enough to see, with the rest one step away. */
const teaser = 3;
const newest = 3;

export const homePages = new Hono<App>().get("/", optionalSession, async (c) => {
	const visitor = c.get("visitor");
	if (visitor) return showOwnHome(c, visitor);
	const ctx = c.get("ctx");
	const { contracts } = await listContracts({ ctx }).catch(() => ({ contracts: [] })); // it is a welcome without them, too
	return show(c, { title: "Support for your home electronics" }, <Welcome contracts={contracts.slice(0, teaser)} />);
});

async function showOwnHome(c: Context<App>, { customerId }: Session) {
	const ctx = c.get("ctx");
	const [profile, { plan, hasCard, unpaid }, { items }] = await Promise.all([
		getProfile({ ctx, input: { customerId } }),
		getPlanAndPayment({ ctx, input: { customerId } }),
		listTickets({ ctx, input: { customerId, limit: newest, cursor: "" } }),
	]);
	return show(
		c,
		{ title: "Home", current: "/" },
		<>
			<div class="head">
				<h1>
					{profile.name ? (
						<>
							Hello, <bdi>{profile.name}</bdi>
						</>
					) : (
						"Welcome"
					)}
				</h1>
				{items.length > 0 && <ButtonLink href="/tickets/new">Submit a ticket</ButtonLink>}
			</div>
			<OwnHome profile={profile} plan={plan} tickets={items} hasCard={hasCard} unpaid={unpaid} />
		</>,
	);
}
