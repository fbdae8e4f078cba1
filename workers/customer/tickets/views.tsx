import { Choices, Select, TextArea, TextField } from "../../../shared/ui/fields.tsx";
import { Form, type FormState } from "../../../shared/ui/form.tsx";
import { Table } from "../../../shared/ui/table.tsx";
import { Badge, ButtonLink, DateTime, EmptyState } from "../../../shared/ui/text.tsx";
import { deviceNames } from "../devices.ts";
import { cancellationWaits, reopeningWaits, type Ticket, visitIsAhead } from "./ticket.ts";
import { VisitTime } from "./visit.tsx";
import { partNames, priorityNames, stateNames } from "./words.ts";

/** While the customer waits for an answer, that stands before what the ticket is. */
export const State = ({ ticket }: { ticket: Ticket }) => {
	const [kind, name] = stateNames[ticket.status];
	if (cancellationWaits(ticket)) return <Badge kind="warn">Cancellation asked for</Badge>;
	if (reopeningWaits(ticket)) return <Badge kind="warn">Reopening asked for</Badge>;
	return <Badge kind={kind}>{name}</Badge>;
};

export const TicketTable = ({ tickets }: { tickets: readonly Ticket[] }) => (
	<Table
		caption="Your tickets, the newest first"
		columns={["Device", "State", "Submitted"]}
		rows={tickets.map((ticket) => [
			<a href={`/tickets/${ticket.id}`}>
				<bdi>{ticket.device}</bdi>
			</a>,
			<>
				<State ticket={ticket} />
				{ticket.visit && visitIsAhead(ticket) && (
					<p class="quiet small">
						Visit: <VisitTime visit={ticket.visit} />
					</p>
				)}
			</>,
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
				<Choices
					form={form}
					name="availability"
					type="checkbox"
					label="When can you be at home?"
					hint="The more you choose, the sooner somebody can come."
					options={Object.entries(partNames).map(([value, [label, hint]]) => ({ value, label, hint }))}
				/>
			</Form>
		</div>
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

export const ReopeningForm = ({ ticket, form }: { ticket: Ticket; form: FormState }) => (
	<>
		<h1>What is wrong again?</h1>
		<p class="lead">
			Tell us about <bdi>{ticket.device}</bdi>, and we will look for an expert to come again.
		</p>
		<div class="narrow">
			<Form
				action={`/tickets/${ticket.id}/reopening`}
				form={form}
				hidden={["key"]}
				submit="Reopen this ticket"
				beside={
					<a class="link" href={`/tickets/${ticket.id}`}>
						Leave it as it is
					</a>
				}
			>
				<TextArea
					form={form}
					name="text"
					label="What is wrong?"
					hint="What happens, and since when. Never write passwords or card numbers."
				/>
			</Form>
		</div>
	</>
);
