import * as v from "valibot";
import { PageQuery } from "../../shared/http/page.ts";
import { Card, CardIntent, CardKey, NewCard, NewCardIntent } from "../../workers/customer/cards/schemas.ts";
import { card, cardIntent, newCard, submittedCard } from "./examples.ts";
import type { Operation } from "./operation.ts";

const CardPage = v.object({ items: v.array(Card), next: v.nullable(v.string()) });

export const cardSchemas = { Card, CardIntent, CardKey, CardPage, NewCard, NewCardIntent };

const path = "/api/v1/cards";

export const cardOperations: readonly Operation[] = [
	{
		id: "openCardIntent",
		method: "post",
		path: `${path}/intents`,
		summary:
			"Get leave to submit one card within ten minutes, and what it has to be sealed with. Needs a sign-in of the last 15 minutes.",
		idempotent: true,
		body: { schema: NewCardIntent, example: {} },
		answers: {
			201: { description: "The intent, again for a repetition while it is open.", schema: CardIntent, example: cardIntent },
		},
		problems: [
			"session_not_fresh",
			"change_held",
			"too_many_cards",
			"card_not_verified",
			"intent_closed",
			"card_number_in_clear",
		],
	},
	{
		id: "submitCard",
		method: "post",
		path,
		summary:
			"Submit a card that was sealed for billing, as a compact JWE. No number in clear is taken. The same submission again is answered alike.",
		body: { schema: NewCard, example: newCard },
		answers: { 202: { description: "The card, which billing now verifies.", schema: Card, example: submittedCard } },
		problems: ["intent_closed", "wrong_seal", "card_number_in_clear"],
	},
	{
		id: "listCards",
		method: "get",
		path,
		summary: "The customer's cards, the newest first; those that were removed are not among them.",
		query: PageQuery,
		answers: { 200: { description: "A page of cards.", schema: CardPage, example: { items: [card], next: null } } },
	},
	{
		id: "removeCard",
		method: "delete",
		path: `${path}/{id}`,
		summary: "Remove a card, or call an intent off. Again changes nothing. Needs a sign-in of the last 15 minutes.",
		ids: { id: "crd" },
		answers: { 204: { description: "It is removed." } },
		problems: ["session_not_fresh", "change_held"],
	},
];
