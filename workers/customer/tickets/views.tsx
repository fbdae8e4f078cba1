import { Choices, Select, TextArea, TextField } from "../../../shared/ui/fields.tsx";
import { Form, type FormState } from "../../../shared/ui/form.tsx";
import { Table } from "../../../shared/ui/table.tsx";
import { Badge, ButtonLink, DateTime, EmptyState, Message } from "../../../shared/ui/text.tsx";
import { deviceNames } from "../devices.ts";
import type { SurveyOfTicket } from "../surveys/survey-of-ticket.ts";
import { SurveyBlock } from "../surveys/views.tsx";
import type { Comment, Ticket } from "./ticket.ts";
import { priorityNames, stateNames } from "./words.ts";

const State = ({ ticket }: { ticket: Ticket }) => {
	const [kind, name] = stateNames[ticket.status];
	return ticket.cancellationRequestedAt ? <Badge kind="warn">Cancellation asked for</Badge> : <Badge kind={kind}>{name}</Badge>;
};

export const TicketTable = ({ tickets }: { tickets: readonly Ticket[] }) => (
	<Table
		caption="Your tickets, the newest first"
		columns={["Device", "State", "Submitted"]}
		rows={tickets.map((ticket) => [
			<a href={`/tickets/${ticket.id}`}>
				<bdi>{ticket.device}</bdi>
			</a>,
			<State ticket={ticket} />,
			<span class="quiet">
				<DateTime at={ticket.createdAt} />
			</span>,
		])}
	/>
);

export const NoTickets = () => (
	<EmptyState title="No tickets yet">
		<p>When a device gives you trouble, tell us about it here and an expert will come.</p>
		<ButtonLink href="/tickets/new">Submit a ticket</ButtonLink>
	</EmptyState>
);

/** Instead of the form, before anybody types into it in vain. */
export const NotYet = ({ message, link }: NonNullable<FormState["obstacle"]>) => (
	<>
		<h1>Submit a ticket</h1>
		<EmptyState title="One step before">
			<p>{message}</p>
			{link && <ButtonLink href={link[1]}>{link[0]}</ButtonLink>}
		</EmptyState>
	</>
);

export const NewTicketForm = ({ form }: { form: FormState }) => (
	<>
		<h1>Submit a ticket</h1>
		<p class="lead">Tell us what is wrong. An expert for your kind of device will come to you.</p>
		<div class="narrow">
			<Form action="/tickets/new" form={form} hidden={["key"]} submit="Submit ticket">
				<TextField
					form={form}
					name="device"
					label="Which device is it?"
					hint="For example: Aurora 55 television in the living room"
				/>
				<Select form={form} name="category" label="What kind of device is it?" options={Object.entries(deviceNames)} />
				<TextArea
					form={form}
					name="text"
					label="What is wrong?"
					hint="What happens, since when, and what you have tried. Never write passwords or card numbers."
				/>
				<Choices
					form={form}
					name="priority"
					type="radio"
					label="How urgent is it?"
					options={Object.entries(priorityNames).map(([value, [label, hint]]) => ({ value, label, hint }))}
				/>
			</Form>
		</div>
	</>
);

const Comments = ({ comments }: { comments: readonly Comment[] }) => (
	<ol class="comments">
		{comments.map(({ createdAt, text }) => (
			<li>
				<p class="quiet small">
					You wrote on <DateTime at={createdAt} time />
				</p>
				<p class="prose">{text}</p>
			</li>
		))}
	</ol>
);

interface TicketDetailProps {
	readonly ticket: Ticket & { comments: readonly Comment[]; survey: SurveyOfTicket };
	readonly form: FormState;
}

export const TicketDetail = ({ ticket, form }: TicketDetailProps) => (
	<>
		<p>
			<a href="/tickets" class="link">
				All tickets
			</a>
		</p>
		<div class="head">
			<h1>
				<bdi>{ticket.device}</bdi>
			</h1>
			<State ticket={ticket} />
		</div>
		{ticket.cancellationRequestedAt ? (
			<Message kind="warning">
				<p>
					You asked us on <DateTime at={ticket.cancellationRequestedAt} time /> to cancel this ticket. Our service team will
					decide on it.
				</p>
			</Message>
		) : (
			<p class="lead">{stateNames[ticket.status][2]}</p>
		)}
		<SurveyBlock survey={ticket.survey} />
		<section class="card stack" aria-labelledby="what">
			<h2 id="what">What you told us</h2>
			<p class="prose">{ticket.text}</p>
			<dl class="facts">
				<dt>Kind of device</dt>
				<dd>{nameOf(deviceNames, ticket.category)}</dd>
				<dt>Urgency</dt>
				<dd>{nameOf(priorityNames, ticket.priority)?.[0]}</dd>
				<dt>Submitted</dt>
				<dd>
					<DateTime at={ticket.createdAt} time />
				</dd>
				<dt>Number</dt>
				<dd class="small quiet">{ticket.id}</dd>
			</dl>
		</section>
		<section class="stack" aria-labelledby="comments">
			<h2 id="comments">Comments</h2>
			{ticket.comments.length > 0 ? <Comments comments={ticket.comments} /> : <p class="quiet">None yet.</p>}
			<div class="narrow">
				<Form action={`/tickets/${ticket.id}/comments`} form={form} hidden={["key"]} submit="Add comment">
					<TextArea form={form} name="text" label="Add a comment" hint="Anything that helps the expert." rows={3} />
				</Form>
			</div>
		</section>
		{!ticket.cancellationRequestedAt && (
			<p>
				<a class="link" href={`/tickets/${ticket.id}/cancellation`}>
					I no longer need this visit
				</a>
			</p>
		)}
	</>
);

export const ConfirmCancellation = ({ ticket, form }: { ticket: Ticket; form: FormState }) => (
	<>
		<h1>Cancel this ticket?</h1>
		<p class="lead">
			We will ask our service team to cancel the visit for <bdi>{ticket.device}</bdi>. If the work is done already, the ticket
			stays as it is.
		</p>
		<Form
			action={`/tickets/${ticket.id}/cancellation`}
			form={form}
			submit="Yes, cancel it"
			danger
			beside={
				<a class="link" href={`/tickets/${ticket.id}`}>
					No, keep it
				</a>
			}
		/>
	</>
);

/** The name of what the database holds; a word that is newer than this page is shown as it is not. */
function nameOf<Name>(names: Readonly<Record<string, Name>>, word: string): Name | undefined {
	return Object.hasOwn(names, word) ? names[word] : undefined;
}
