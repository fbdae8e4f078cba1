import { ButtonLink, DateTime, Message } from "../../../shared/ui/text.tsx";
import type { TicketWithComments } from "./schemas.ts";
import { cancellationWaits, reopeningWaits, type Ticket, visitIsAhead } from "./ticket.ts";
import { timelineOf } from "./timeline.ts";
import { VisitTime } from "./visit.tsx";
import { stateNames, waitsAgainSentence } from "./words.ts";

/** Where the ticket is, and what the customer waits for. */
export const Situation = ({ ticket }: { ticket: TicketWithComments }) => {
	const asked = ticket.cancellationRequestedAt && <DateTime at={ticket.cancellationRequestedAt} time />;
	if (cancellationWaits(ticket)) {
		return (
			<Message kind="warning">
				<p>
					You asked us on {asked} to cancel this ticket.{" "}
					{ticket.status === "in_progress"
						? "Your expert had begun by then: please tell them what you want."
						: "Until our service team has answered, it stays as it is."}
				</p>
			</Message>
		);
	}
	if (reopeningWaits(ticket)) {
		return (
			<Message kind="warning">
				<p>
					You told us on <DateTime at={ticket.reopenRequestedAt ?? ""} time /> that the problem is back. Our service team has not
					answered yet.
				</p>
			</Message>
		);
	}
	return (
		<p class="lead">
			{timelineOf(ticket).find(({ state }) => state === "now")?.again ? waitsAgainSentence : stateNames[ticket.status][2]}
			{ticket.status === "resolved" && asked && <> You asked us on {asked} to cancel it: that came too late.</>}
		</p>
	);
};

export const Visit = ({ ticket }: { ticket: Ticket }) =>
	visitIsAhead(ticket) && (ticket.visit || ticket.expert) ? (
		<section class="card stack close" aria-labelledby="visit">
			<h2 id="visit">{ticket.status === "assigned" ? "The planned visit" : "The visit"}</h2>
			{ticket.visit && (
				<p>
					<strong>
						<VisitTime visit={ticket.visit} />
					</strong>
				</p>
			)}
			{ticket.expert && (
				<p>
					Your expert: <bdi>{ticket.expert.name}</bdi>
				</p>
			)}
		</section>
	) : null;

export const Note = ({ ticket: { note, status, expert } }: { ticket: Ticket }) =>
	note === null ? null : (
		<section class="card stack close" aria-labelledby="note">
			<h2 id="note">{status === "resolved" ? "What your expert says" : "What was said of the last visit"}</h2>
			<p class="prose">{note}</p>
			{status === "resolved" && expert && (
				<p class="quiet small">
					<bdi>{expert.name}</bdi>
				</p>
			)}
		</section>
	);

export const Reopening = ({ ticket }: { ticket: Ticket }) => (
	<section class="card stack" aria-labelledby="reopening">
		<h2 id="reopening">Is the problem back?</h2>
		<p>
			Until <DateTime at={ticket.reopenableUntil ?? ""} time /> you can have somebody come again.
		</p>
		<p>
			<ButtonLink href={`/tickets/${ticket.id}/reopening`} second>
				The problem is back
			</ButtonLink>
		</p>
	</section>
);
