import type { Child } from "hono/jsx";
import { TextArea } from "../../../shared/ui/fields.tsx";
import { Form, type FormState } from "../../../shared/ui/form.tsx";
import { DateTime } from "../../../shared/ui/text.tsx";
import { deviceNames } from "../devices.ts";
import type { SurveyOfTicket } from "../surveys/survey-of-ticket.ts";
import { SurveyBlock } from "../surveys/views.tsx";
import type { TicketWithComments } from "./schemas.ts";
import { Note, Reopening, Situation, Visit } from "./situation.tsx";
import { type Comment, canCancel, canReopen, isClosed, type Ticket, takesComments } from "./ticket.ts";
import { type Milestone, timelineOf } from "./timeline.ts";
import { State } from "./views.tsx";
import { partNames, priorityNames, stepNames, waitsAgain } from "./words.ts";

interface TicketDetailProps {
	readonly ticket: TicketWithComments & { readonly survey: SurveyOfTicket };
	/** Of a comment. */
	readonly form: FormState;
	/** In ms since 1970. */
	readonly now: number;
}

/** The page of one ticket. */
export const TicketDetail = ({ ticket, form, now }: TicketDetailProps) => (
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
		<Situation ticket={ticket} />
		<Visit ticket={ticket} />
		<Note ticket={ticket} />
		<SurveyBlock survey={ticket.survey} />
		{canReopen(ticket, now) && <Reopening ticket={ticket} />}
		<Timeline milestones={timelineOf(ticket)} />
		<Submission ticket={ticket} />
		<section class="stack" aria-labelledby="comments">
			<h2 id="comments">Comments</h2>
			{ticket.comments.length > 0 ? <Comments comments={ticket.comments} /> : <p class="quiet">None yet.</p>}
			{takesComments(ticket, now) || form.obstacle ? (
				<div class="narrow">
					<Form action={`/tickets/${ticket.id}/comments`} form={form} hidden={["key"]} submit="Add comment">
						<TextArea form={form} name="text" label="Add a comment" hint={hintOf(ticket)} rows={3} />
					</Form>
				</div>
			) : (
				<p class="quiet">This ticket was closed more than 14 days ago. If something is wrong, submit a new one.</p>
			)}
		</section>
		{canCancel(ticket) && (
			<p>
				<a class="link" href={`/tickets/${ticket.id}/cancellation`}>
					I no longer need this visit
				</a>
			</p>
		)}
	</>
);

const hintOf = (ticket: Ticket) => (isClosed(ticket) ? "Our service team reads it." : "Anything that helps the expert.");

const Timeline = ({ milestones }: { milestones: readonly Milestone[] }) => (
	<section class="card stack" aria-labelledby="timeline">
		<h2 id="timeline">Progress</h2>
		<ol class="steps">
			{milestones.map(({ status, at, state, again }) => (
				<li
					class={state === "now" && status === "resolved" ? "done" : state === "ahead" ? undefined : state}
					aria-current={state === "now" ? "step" : undefined}
				>
					<h3 class={state === "ahead" ? "quiet" : undefined}>
						{again ? waitsAgain : stepNames[status]}
						{state === "done" && <span class="visually-hidden"> (done)</span>}
					</h3>
					<p class="quiet small">{at === null ? "Still to come" : <DateTime at={at} time />}</p>
				</li>
			))}
		</ol>
	</section>
);

const Submission = ({ ticket }: { ticket: Ticket }) => {
	const facts: [name: string, Child][] = [
		["Kind of device", nameOf(deviceNames, ticket.category)],
		["Urgency", nameOf(priorityNames, ticket.priority)?.[0]],
		...(ticket.availability ? [["You are at home", partsOf(ticket.availability)] as [string, Child]] : []),
		["Submitted", <DateTime at={ticket.createdAt} time />],
		["Number", <span class="small quiet">{ticket.id}</span>],
	];
	return (
		<section class="card stack" aria-labelledby="what">
			<h2 id="what">What you told us</h2>
			<p class="prose">{ticket.text}</p>
			<dl class="facts">
				{facts.map(([name, fact]) => (
					<>
						<dt>{name}</dt>
						<dd>{fact}</dd>
					</>
				))}
			</dl>
		</section>
	);
};

const partsOf = (parts: readonly string[]) => {
	const names = parts.map((part) => nameOf(partNames, part)?.[0] ?? "");
	return names.length === Object.keys(partNames).length ? "Any time, from 8:00 to 20:00 UTC" : names.join(", ");
};

/** Whose words they are is said, and seen. */
const Comments = ({ comments }: { comments: readonly Comment[] }) => (
	<ol class="comments">
		{comments.map(({ createdAt, text, author }) => (
			<li class={author === null ? undefined : "theirs"}>
				<p class="quiet small">
					{author === null ? (
						"You"
					) : (
						<strong>
							<bdi>{author}</bdi>
						</strong>
					)}{" "}
					wrote on <DateTime at={createdAt} time />
				</p>
				<p class="prose">{text}</p>
			</li>
		))}
	</ol>
);

/** The name of what the database holds; a word that is newer than this page is shown as it is not. */
function nameOf<Name>(names: Readonly<Record<string, Name>>, word: string): Name | undefined {
	return Object.hasOwn(names, word) ? names[word] : undefined;
}
