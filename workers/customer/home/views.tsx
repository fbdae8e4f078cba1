import { ButtonLink, DateTime, formatMoney } from "../../../shared/ui/text.tsx";
import type { Contract } from "../contracts/contract.ts";
import { ContractCards } from "../contracts/views.tsx";
import type { UnpaidPeriod } from "../payments/schemas.ts";
import { UnpaidNotice } from "../payments/views.tsx";
import type { Plan } from "../plans/plan-view.ts";
import { PlanStatus } from "../plans/views.tsx";
import type { Profile } from "../profile/profile.ts";
import type { Ticket } from "../tickets/ticket.ts";
import { TicketTable } from "../tickets/views.tsx";

export const Welcome = ({ contracts }: { contracts: readonly Contract[] }) => (
	<div class="stack wide">
		<div class="stack">
			<h1>Something at home does not work? We come and fix it.</h1>
			<p class="lead">
				With a support plan from Penultimate Electronics an expert for your device comes to your home. Choose what you need, month
				by month.
			</p>
			<p class="row">
				<ButtonLink href="/sign-in">Get started</ButtonLink>
				<ButtonLink href="/contracts" second>
					See contracts and prices
				</ButtonLink>
			</p>
		</div>
		<section class="stack" aria-labelledby="how">
			<h2 id="how">How it works</h2>
			<ol class="steps">
				<li>
					<h3>Sign in with your e-mail address</h3>
					<p class="quiet">We send you a code. There is no password.</p>
				</li>
				<li>
					<h3>Choose your plan</h3>
					<p class="quiet">It starts at once, and you can cancel to the end of every month.</p>
				</li>
				<li>
					<h3>Submit a ticket whenever something fails</h3>
					<p class="quiet">We assign an expert, and you follow here what happens.</p>
				</li>
			</ol>
		</section>
		{contracts.length > 0 && (
			<section class="stack" aria-label="Some of our contracts">
				<ContractCards contracts={contracts} />
				<p>
					<a class="link" href="/contracts">
						All contracts
					</a>
				</p>
			</section>
		)}
	</div>
);

interface OwnHomeProps {
	readonly profile: Profile;
	readonly plan: Plan;
	readonly tickets: readonly Ticket[];
	readonly hasCard: boolean;
	readonly unpaid: readonly UnpaidPeriod[];
}

export const OwnHome = ({ profile, plan, tickets, hasCard, unpaid }: OwnHomeProps) => {
	const hasPlan = plan.status === "active" || plan.status === "ending";
	const steps = { known: profile.missing.length === 0, hasPlan, hasCard, hasTicket: tickets.length > 0 };
	return (
		<div class="stack wide">
			<UnpaidNotice unpaid={unpaid} />
			{!Object.values(steps).every(Boolean) && <NextSteps {...steps} />}
			{tickets.length > 0 && (
				<section class="stack" aria-labelledby="tickets">
					<h2 id="tickets">Your newest tickets</h2>
					<TicketTable tickets={tickets} />
					<p>
						<a class="link" href="/tickets">
							All tickets
						</a>
					</p>
				</section>
			)}
			{hasPlan && (
				<section class="card stack close" aria-labelledby="plan">
					<div class="head">
						<h2 id="plan">Your plan</h2>
						<PlanStatus plan={plan} />
					</div>
					<p>{plan.lines.map(({ name }) => name).join(", ")}</p>
					<p class="quiet">
						{plan.total && `${formatMoney(plan.total)} a month. `}
						{plan.endsAt && (
							<>
								Ends on <DateTime at={plan.endsAt} />.
							</>
						)}
					</p>
					<p>
						<a class="link" href="/plan">
							See and change it
						</a>
					</p>
				</section>
			)}
		</div>
	);
};

/** What is left to do until the first ticket; the next of it leads on. */
const NextSteps = ({
	known,
	hasPlan,
	hasCard,
	hasTicket,
}: Readonly<Record<"known" | "hasPlan" | "hasCard" | "hasTicket", boolean>>) => {
	const steps = [
		{ done: known, title: "Complete your profile", why: "Where our expert comes to, and how we reach you.", path: "/profile" },
		{ done: hasPlan, title: "Choose your plan", why: "It starts at once.", path: "/plan/edit" },
		{ done: hasCard, title: "Add a card", why: "So that your plan can be paid.", path: "/cards/new" },
		{ done: hasTicket, title: "Submit a ticket", why: "Whenever something does not work.", path: "/tickets/new" },
	];
	const now = steps.findIndex(({ done }) => !done);
	return (
		<section class="card stack" aria-labelledby="steps">
			<h2 id="steps">What comes next</h2>
			<ol class="steps">
				{steps.map(({ done, title, why, path }, i) => (
					<li class={done ? "done" : i === now ? "now" : undefined} aria-current={i === now ? "step" : undefined}>
						<h3>
							{title}
							{done && <span class="visually-hidden"> (done)</span>}
						</h3>
						{i === now ? (
							<p>
								<span class="quiet">{why}</span>
								<span class="action">
									<ButtonLink href={path}>{title}</ButtonLink>
								</span>
							</p>
						) : (
							<p class="quiet">{done ? "Done" : why}</p>
						)}
					</li>
				))}
			</ol>
		</section>
	);
};
