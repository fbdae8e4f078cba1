import type { Context } from "hono";
import { Hono } from "hono/tiny";
import * as v from "valibot";
import { checkForm, readForm } from "../../../shared/http/form.ts";
import { Problem } from "../../../shared/http/problem.ts";
import type { FormState } from "../../../shared/ui/form.tsx";
import { ButtonLink } from "../../../shared/ui/text.tsx";
import type { App } from "../context.ts";
import { obstacleOf, orAgain } from "../forms.ts";
import { requireSignIn } from "../sessions/require-session.ts";
import { doneAt, show } from "../show.tsx";
import { isOfUse, mostCards } from "./card.ts";
import { checkTrusted } from "./check-trusted.ts";
import { listCards } from "./read-cards.ts";
import { removeCard } from "./remove-card.ts";
import { type Card, cardIdOf } from "./schemas.ts";
import { CardTable, ConfirmRemoval, NewCardForm, NoCards, NotNow } from "./views.tsx";

const current = "/cards";

/** Confirms, and says nothing else. */
const Confirmation = v.strictObject({});

export const cardPages = new Hono<App>()
	.use(requireSignIn)
	.get("/", async (c) => {
		const cards = await cardsOf(c);
		if (cards.length === 0) return show(c, { title: "Cards", current }, [<h1>Cards</h1>, <NoCards />]);
		return show(
			c,
			{ title: "Cards", current },
			<>
				<div class="head">
					<h1>Cards</h1>
					<ButtonLink href="/cards/new">Add a card</ButtonLink>
				</div>
				<CardTable cards={cards} />
			</>,
		);
	})
	// asks first whether a card would be taken, so that nobody types its number in vain
	.get("/new", async (c) => {
		const replaces = c.req.query("replaces");
		const path = replaces === undefined ? "/cards/new" : `/cards/new?replaces=${cardIdOf(replaces)}`;
		const title = replaces === undefined ? "Add a card" : "Replace a card";
		const cards = await cardsOf(c);
		const replaced = cards.find(({ id }) => id === replaces);
		const obstacle = await obstacleOf(async () => {
			if (replaces !== undefined && replaced?.state !== "verified") throw new Problem("card_not_verified");
			if (cards.length >= mostCards) throw new Problem("too_many_cards");
			await checkTrusted(c.get("ctx"), c.get("session"));
		});
		if (obstacle) return show(c, { title, current }, <NotNow title={title} {...leadingBack(obstacle, path)} />);
		const page = <NewCardForm title={title} replaced={replaced} signIn={signInAgain(path)} />;
		return show(c, { title, current, script: "card" }, page);
	})
	.get("/:id/removal", async (c) => showRemoval(c, { values: {} }))
	.post("/:id/removal", async (c) => {
		const cardId = cardIdOf(c.req.param("id"));
		const typed = await readForm(c.req.raw);
		return orAgain(
			{ typed, words: {} },
			async () => {
				checkForm(Confirmation, typed);
				await removeCard({ ctx: c.get("ctx"), input: { session: c.get("session"), cardId } });
				return c.redirect(doneAt(current, "card-removed"), 303);
			},
			(form, status) => {
				const obstacle = form.obstacle && leadingBack(form.obstacle, `/cards/${cardId}/removal`);
				return showRemoval(c, { ...form, ...(obstacle && { obstacle }) }, status);
			},
		);
	});

async function showRemoval(c: Context<App, "/:id/removal">, form: FormState, status: 200 | 409 | 422 | 503 = 200) {
	const cardId = cardIdOf(c.req.param("id"));
	const cards = await cardsOf(c);
	const card = cards.find(({ id }) => id === cardId);
	if (!card) throw new Problem("not_found");
	const isOnly = !cards.some((other) => other.id !== cardId && isOfUse(other));
	return show(c, { title: "Remove a card", current, status }, <ConfirmRemoval card={card} isOnly={isOnly} form={form} />);
}

/** All that a customer can have, the newest first. */
async function cardsOf(c: Context<App>): Promise<readonly Card[]> {
	const { customerId } = c.get("session");
	return (await listCards({ ctx: c.get("ctx"), input: { customerId, limit: mostCards, cursor: "" } })).items;
}

const signInAgain = (path: string) => `/sign-in?again=yes&next=${encodeURIComponent(path)}`;

/** What is in the way of a card is to lead back to it, once it is not any more. */
function leadingBack(obstacle: NonNullable<FormState["obstacle"]>, path: string): NonNullable<FormState["obstacle"]> {
	if (obstacle.code === "session_not_fresh") return { ...obstacle, link: ["Sign in again", signInAgain(path)] };
	if (obstacle.code === "unavailable") {
		return { ...obstacle, message: "This is not available right now. Wait a moment, then try again.", link: ["Try again", path] };
	}
	return obstacle;
}
