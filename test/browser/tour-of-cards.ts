import type { Visit } from "./chromium.ts";
import { addCard, cardOf, enterCard, heading, newCardNumber, press, refused, reloadUntil, tellOtherwise } from "./person.ts";

/** The cards of somebody who has signed in just now and has none. */
export async function* cards(visit: Visit): AsyncGenerator<string> {
	const { page } = visit;
	await page.goto("/cards");
	await heading(visit, "No cards yet");
	yield "cards-empty";
	yield* entered(visit);
	const [ready, other] = [newCardNumber(), newCardNumber()];
	await addCard(visit, ready);
	await reloadUntil(visit, cardOf(visit, ready).getByText("Ready"));
	yield "cards-verified";
	const restore = await tellOtherwise(visit, { expMonth: 11 });
	await addCard(visit, other);
	await restore();
	await reloadUntil(visit, cardOf(visit, other).getByText("Not accepted"));
	await page.goto("/cards");
	yield "cards-rejected";
	await addCard(visit, newCardNumber());
	yield "cards-of-all-states";
	yield* replaced(visit, ready);
	yield* removed(visit, other);
}

/** The form, and what it says. */
async function* entered(visit: Visit): AsyncGenerator<string> {
	const { page, context } = visit;
	await page.getByRole("link", { name: "Add a card" }).click();
	await heading(visit, "Add a card");
	yield "card-new";
	await press(visit, "Add card");
	await refused(visit);
	yield "card-new-error";
	const number = newCardNumber();
	await enterCard(visit, `${number.slice(0, -1)}${(Number(number.at(-1)) + 1) % 10}`, "01/20");
	await press(visit, "Add card");
	await page.getByText("This card has expired. Use another one").first().waitFor();
	yield "card-new-mistyped";
	await context.route("**/api/v1/cards/intents", (route) =>
		route.fulfill({ status: 409, contentType: "application/problem+json", body: JSON.stringify({ code: "session_not_fresh" }) }),
	);
	await enterCard(visit, number);
	await press(visit, "Add card");
	await page.getByRole("link", { name: "Sign in again" }).waitFor();
	yield "card-new-refused";
	await context.unroute("**/api/v1/cards/intents");
}

async function* replaced(visit: Visit, number: string): AsyncGenerator<string> {
	const { page } = visit;
	await cardOf(visit, number).getByRole("link", { name: "Replace" }).click();
	await heading(visit, "Replace a card");
	yield "card-replacement";
	await page.goto(`/cards/new?replaces=crd_${"0".repeat(28)}`);
	await heading(visit, "One step before");
	yield "card-replacement-gone";
	await page.goto("/cards");
}

async function* removed(visit: Visit, number: string): AsyncGenerator<string> {
	const { page } = visit;
	await cardOf(visit, number).getByRole("link", { name: "Remove" }).click();
	await heading(visit, "Remove this card?");
	const { pathname } = new URL(page.url());
	yield "card-removal";
	await press(visit, "Yes, remove it");
	await page.getByText("Your card is removed.").waitFor();
	yield "cards-removed";
	await page.goto(pathname);
	yield "card-removal-not-found";
}
