import type { Context } from "hono";
import { Hono } from "hono/tiny";
import * as v from "valibot";
import { toHex } from "../../../shared/bytes.ts";
import type { Ctx } from "../../../shared/context.ts";
import { PartOfDay } from "../../../shared/events/customer.ts";
import { check } from "../../../shared/http/body.ts";
import { checkForm, readForm } from "../../../shared/http/form.ts";
import { IdempotencyKey } from "../../../shared/http/idempotency-key.ts";
import { PageQuery } from "../../../shared/http/page.ts";
import { type FormState, valuesOf } from "../../../shared/ui/form.tsx";
import { ButtonLink, Pager } from "../../../shared/ui/text.tsx";
import type { App } from "../context.ts";
import { obstacleOf, orAgain } from "../forms.ts";
import { allowGrace, requireSignIn } from "../sessions/require-session.ts";
import { doneAt, show } from "../show.tsx";
import { commentOnTicket } from "./comment-on-ticket.ts";
import { TicketDetail } from "./detail.tsx";
import { getTicket, getTicketWithSurvey, listTickets } from "./read-tickets.ts";
import { requestCancellation } from "./request-cancellation.ts";
import { requestReopening } from "./request-reopening.ts";
import { Availability, NewCancellation, NewComment, NewReopening, NewTicket, ticketIdOf } from "./schemas.ts";
import { checkSubmission, submitTicket } from "./submit-ticket.ts";
import { canCancel, canReopen } from "./ticket.ts";
import { ConfirmCancellation, NewTicketForm, NoTickets, NotYet, ReopeningForm, TicketTable } from "./views.tsx";
import { commentWords, reopeningWords, ticketWords } from "./words.ts";

const current = "/tickets";

/** Each form that is shown has a key of its own: sent twice, it is still one ticket or comment. */
const TicketForm = v.strictObject({ ...NewTicket.entries, availability: Availability, key: IdempotencyKey });
const CommentForm = v.strictObject({ ...NewComment.entries, key: IdempotencyKey });
const ReopeningFields = v.strictObject({ ...NewReopening.entries, key: IdempotencyKey });
const newKey = (ctx: Ctx) => toHex(ctx.randomBytes(16));

export const ticketPages = new Hono<App>()
	.post("/new", allowGrace)
	.use(requireSignIn)
	.get("/", async (c) => {
		const { limit, cursor } = check(PageQuery, { cursor: c.req.query("cursor") });
		const { customerId } = c.get("session");
		const { items, next } = await listTickets({ ctx: c.get("ctx"), input: { customerId, limit, cursor } });
		if (items.length === 0 && cursor === "") return show(c, { title: "Tickets", current }, [<h1>Tickets</h1>, <NoTickets />]);
		return show(
			c,
			{ title: "Tickets", current },
			<>
				<div class="head">
					<h1>Tickets</h1>
					<ButtonLink href="/tickets/new">Submit a ticket</ButtonLink>
				</div>
				<TicketTable tickets={items} />
				<Pager path={current} cursor={cursor} next={next} />
			</>,
		);
	})
	.get("/new", async (c) => {
		const ctx = c.get("ctx");
		const obstacle = await obstacleOf(() => checkSubmission({ ctx, input: { session: c.get("session") } }));
		const form = { values: { key: newKey(ctx), priority: "normal", availability: PartOfDay.options } };
		const page = obstacle ? <NotYet {...obstacle} /> : <NewTicketForm form={form} />;
		return show(c, { title: "Submit a ticket", current }, page);
	})
	.post("/new", async (c) => {
		const ctx = c.get("ctx");
		const typed = await readForm(c.req.raw);
		return orAgain(
			{ typed, words: ticketWords },
			async () => {
				const { key, ...ticket } = checkForm(TicketForm, typed);
				const { id } = await submitTicket({ ctx, input: { ...ticket, session: c.get("session"), idempotencyKey: key } });
				return c.redirect(doneAt(`/tickets/${id}`, "ticket-submitted"), 303);
			},
			(form, status) => show(c, { title: "Submit a ticket", current, status }, <NewTicketForm form={withKey(ctx, form)} />),
		);
	})
	.get("/:id", async (c) => {
		const ctx = c.get("ctx");
		const ticket = await getTicketWithSurvey(named(c));
		const form = { values: { key: newKey(ctx) } };
		return show(c, { title: ticket.device, current }, <TicketDetail ticket={ticket} form={form} now={ctx.now()} />);
	})
	.post("/:id/comments", async (c) => {
		const ctx = c.get("ctx");
		const session = c.get("session");
		const ticketId = ticketIdOf(c.req.param("id"));
		const typed = await readForm(c.req.raw);
		return orAgain(
			{ typed, words: commentWords },
			async () => {
				const { key, text } = checkForm(CommentForm, typed);
				await commentOnTicket({ ctx, input: { session, ticketId, text, idempotencyKey: key } });
				return c.redirect(doneAt(`/tickets/${ticketId}`, "comment-added"), 303);
			},
			async (form, status) => {
				const ticket = await getTicketWithSurvey(named(c));
				const page = <TicketDetail ticket={ticket} form={withKey(ctx, form)} now={ctx.now()} />;
				return show(c, { title: ticket.device, current, status }, page);
			},
		);
	})
	.get("/:id/comments", (c) => c.redirect(`/tickets/${ticketIdOf(c.req.param("id"))}`, 303))
	.get("/:id/cancellation", async (c) => {
		const ticket = await getTicket(named(c));
		if (!canCancel(ticket)) return c.redirect(`/tickets/${ticket.id}`, 303); // it says why
		return show(c, { title: "Cancel a ticket", current }, <ConfirmCancellation ticket={ticket} form={{ values: {} }} />);
	})
	.post("/:id/cancellation", async (c) => {
		const ticketId = ticketIdOf(c.req.param("id"));
		const typed = await readForm(c.req.raw);
		return orAgain(
			{ typed, words: {} },
			async () => {
				checkForm(NewCancellation, typed);
				await requestCancellation({ ctx: c.get("ctx"), input: { session: c.get("session"), ticketId } });
				return c.redirect(doneAt(`/tickets/${ticketId}`, "cancellation-requested"), 303);
			},
			async (form, status) => {
				const page = <ConfirmCancellation ticket={await getTicket(named(c))} form={form} />;
				return show(c, { title: "Cancel a ticket", current, status }, page);
			},
		);
	})
	.get("/:id/reopening", async (c) => {
		const ctx = c.get("ctx");
		const ticket = await getTicket(named(c));
		if (!canReopen(ticket, ctx.now())) return c.redirect(`/tickets/${ticket.id}`, 303); // it says why
		const form = { values: { key: newKey(ctx) } };
		return show(c, { title: "Reopen a ticket", current }, <ReopeningForm ticket={ticket} form={form} />);
	})
	.post("/:id/reopening", async (c) => {
		const ctx = c.get("ctx");
		const ticketId = ticketIdOf(c.req.param("id"));
		const typed = await readForm(c.req.raw);
		return orAgain(
			{ typed, words: reopeningWords },
			async () => {
				const { key, text } = checkForm(ReopeningFields, typed);
				await requestReopening({ ctx, input: { session: c.get("session"), ticketId, text, idempotencyKey: key } });
				return c.redirect(doneAt(`/tickets/${ticketId}`, "reopening-requested"), 303);
			},
			async (form, status) => {
				const page = <ReopeningForm ticket={await getTicket(named(c))} form={withKey(ctx, form)} />;
				return show(c, { title: "Reopen a ticket", current, status }, page);
			},
		);
	});

/** The ticket that the path names, if it is the customer's. Throws `not_found` for what cannot be one. */
function named(c: Context<App, "/:id">) {
	const { customerId } = c.get("session");
	return { ctx: c.get("ctx"), input: { customerId, ticketId: ticketIdOf(c.req.param("id")) } };
}

/** A form that is shown again keeps its key, unless the key is what was wrong: then what it sends is something new. */
function withKey(ctx: Ctx, form: FormState): FormState {
	const spent = form.obstacle?.code === "idempotency_key_reused" || !v.is(IdempotencyKey, valuesOf(form, "key")[0]);
	return spent ? { ...form, values: { ...form.values, key: newKey(ctx) } } : form;
}
