import type { Child } from "hono/jsx";
import { Choices } from "../../../shared/ui/fields.tsx";
import { Form, type FormState, PostButton } from "../../../shared/ui/form.tsx";
import { Table } from "../../../shared/ui/table.tsx";
import { Badge, ButtonLink, DateTime, EmptyState, formatMoney, Message } from "../../../shared/ui/text.tsx";
import type { Contract } from "../contracts/contract.ts";
import { within } from "../contracts/views.tsx";
import type { Plan, PlanLine } from "./plan-view.ts";
import type { PlanPreview } from "./preview-plan.ts";

/** As a form sends it: a contract and its version. */
const sentAs = ({ contractId, version }: { contractId: string; version: number }) => `${contractId}.${version}`;

const Lines = ({ caption, lines, total }: { caption: string; lines: readonly PlanLine[]; total: Plan["total"] }) => (
	<Table
		caption={caption}
		columns={["Contract", "A month"]}
		rows={lines.map(({ name, price }) => [name, formatMoney(price)])}
		total={total ? ["Total", formatMoney(total)] : undefined}
		amounts
	/>
);

const states = {
	active: <Badge kind="good">Active</Badge>,
	ending: <Badge kind="warn">Ends soon</Badge>,
	ended: <Badge kind="plain">Ended</Badge>,
	none: null,
};

export const PlanStatus = ({ plan }: { plan: Plan }) => states[plan.status];

export const NoPlan = ({ ended }: { ended: boolean }) => (
	<EmptyState title={ended ? "Your plan has ended" : "No plan yet"}>
		<p>With a support plan an expert comes when a device fails. Choose what you need, change or cancel it every month.</p>
		<ButtonLink href="/plan/edit">Choose your plan</ButtonLink>
	</EmptyState>
);

export const PlanView = ({ plan, notice }: { plan: Plan; notice: Child }) => (
	<>
		<div class="head">
			<h1>Your plan</h1>
			<PlanStatus plan={plan} />
		</div>
		{notice}
		{plan.period && (
			<p class="lead">
				This period runs until <DateTime at={plan.period.to} />
				{plan.status === "active" ? ", then the next one begins." : "."}
			</p>
		)}
		{plan.next && <Coming plan={plan} next={plan.next} />}
		{plan.lines.length > 0 && <Lines caption="What your plan holds now" lines={plan.lines} total={plan.total} />}
		{plan.lines.length > 0 && <p class="quiet small">Prices are before tax.</p>}
		<p class="row">
			<ButtonLink href="/plan/edit">Change the plan</ButtonLink>
			{plan.status === "active" && (
				<a class="link" href="/plan/cancel">
					Cancel the plan
				</a>
			)}
		</p>
	</>
);

const Coming = ({ plan, next }: { plan: Plan; next: NonNullable<Plan["next"]> }) => (
	<Message kind="warning">
		<h2>
			{next.lines.length > 0 ? "Your plan changes on " : "Your plan ends on "}
			<DateTime at={next.from} />
		</h2>
		{next.lines.length > 0 && (
			<p>
				From then on: {next.lines.map(({ name }) => name).join(", ")}
				{next.total && `, for ${formatMoney(next.total)} a month`}.
			</p>
		)}
		{plan.lines.length > 0 && (
			<PostButton action="/plan/keep" label={next.lines.length > 0 ? "Take this change back" : "Keep the plan after all"} />
		)}
	</Message>
);

/** Everything on offer, and what was signed at another version: that keeps its price. */
export const EditPlan = ({
	form,
	contracts,
	signed,
}: {
	form: FormState;
	contracts: readonly Contract[];
	signed: readonly PlanLine[];
}) => {
	const offered = new Set(contracts.map(sentAs));
	const kept = signed.filter((line) => !offered.has(sentAs(line)));
	return (
		<>
			<h1>{signed.length > 0 ? "Change your plan" : "Choose your plan"}</h1>
			<p class="lead">Choose the contracts that you need. You see the total before you sign.</p>
			{contracts.length + kept.length === 0 ? (
				<EmptyState title="The catalogue is on its way">
					<p>Our contracts will be here in a few minutes. Please load this page again then.</p>
				</EmptyState>
			) : (
				<Form method="get" action="/plan/review" form={form} submit="Go on to the total">
					<Choices
						form={form}
						name="line"
						type="checkbox"
						label="Contracts"
						options={[
							...kept.map((line) => ({
								value: sentAs(line),
								label: line.name,
								hint: "As you signed it: you keep this price.",
								aside: formatMoney(line.price),
							})),
							...contracts.map((contract) => ({
								value: sentAs(contract),
								label: contract.name,
								hint: kept.some(({ contractId }) => contractId === contract.contractId)
									? "The new version of a contract that you have: choose one of the two."
									: `${contract.summary} An expert answers within ${within(contract.responseHours)}.`,
								aside: formatMoney(contract.price),
							})),
						]}
					/>
				</Form>
			)}
		</>
	);
};

export const ReviewPlan = ({ preview: { effect, from, lines, total, added, removed } }: { preview: PlanPreview }) => {
	const back = `/plan/edit?${lines.map((line) => `line=${sentAs(line)}`).join("&")}`;
	if (effect === "nothing" || from === null) {
		return (
			<>
				<h1>Nothing would change</h1>
				<p class="lead">This is what you have already.</p>
				<p class="row">
					<ButtonLink href="/plan">To your plan</ButtonLink>
					<a class="link" href={back}>
						Choose something else
					</a>
				</p>
			</>
		);
	}
	return (
		<>
			<h1>Check and sign</h1>
			<p class="lead">
				{effect === "starts" ? (
					"Your plan starts at once and goes on month by month until you cancel it."
				) : added.length + removed.length === 0 ? (
					"Your plan goes on as it is now: what was to change is taken back."
				) : (
					<>
						Your plan changes with its next period, on <DateTime at={from} />.
					</>
				)}
			</p>
			<Lines caption="What your plan would hold" lines={lines} total={total} />
			{effect === "changes" && (
				<dl class="facts">
					<Names term="New" lines={added} />
					<Names term="No longer" lines={removed} />
				</dl>
			)}
			<p class="quiet small">Prices are before tax.</p>
			<Form
				action="/plan/review"
				form={{ values: { line: lines.map(sentAs) } }}
				hidden={["line"]}
				submit={total ? `Sign for ${formatMoney(total)} a month` : "Sign"}
				beside={
					<a class="link" href={back}>
						Change the choice
					</a>
				}
			/>
		</>
	);
};

const Names = ({ term, lines }: { term: string; lines: readonly PlanLine[] }) =>
	lines.length > 0 ? (
		<>
			<dt>{term}</dt>
			<dd>{lines.map(({ name }) => name).join(", ")}</dd>
		</>
	) : null;

export const ConfirmCancel = ({ plan, form }: { plan: Plan; form: FormState }) => (
	<>
		<h1>Cancel your plan?</h1>
		<p class="lead">
			{plan.period ? (
				<>
					It stays active until <DateTime at={plan.period.to} />. Afterwards you cannot submit tickets. Until then you can change
					your mind.
				</>
			) : (
				"It stays active until the end of the period."
			)}
		</p>
		<Form
			action="/plan/cancel"
			form={form}
			submit="Yes, cancel it"
			danger
			beside={
				<a class="link" href="/plan">
					No, keep it
				</a>
			}
		/>
	</>
);
