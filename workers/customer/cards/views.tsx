import { brands } from "../../../shared/cards.ts";
import { TextField } from "../../../shared/ui/fields.tsx";
import { Form, type FormState } from "../../../shared/ui/form.tsx";
import { Table } from "../../../shared/ui/table.tsx";
import { Badge, ButtonLink, EmptyState } from "../../../shared/ui/text.tsx";
import type { Card } from "./schemas.ts";
import { brandNames, expiryOf, nameOf, reasonWords, stateNames } from "./words.ts";

const State = ({ card }: { card: Card }) => {
	const [kind, name, sentence] = stateNames[card.expired && card.state === "verified" ? "expired" : card.state];
	const reason = card.state === "rejected" && card.reason ? reasonWords[card.reason] : sentence;
	return (
		<>
			<Badge kind={kind}>{name}</Badge>
			<p class="quiet small">{reason}</p>
		</>
	);
};

/** A link among several of one kind: who hears it alone hears of which card it is. */
const Action = ({ href, label, card }: { href: string; label: string; card: Card }) => (
	<a class="link" href={href}>
		{label}
		<span class="visually-hidden">: {nameOf(card)}</span>
	</a>
);

const Actions = ({ card }: { card: Card }) => (
	<div class="row">
		{card.state === "submitted" && <Action href="/cards" label="Look again" card={card} />}
		{card.state === "verified" && <Action href={`/cards/new?replaces=${card.id}`} label="Replace" card={card} />}
		{card.state === "rejected" && <Action href="/cards/new" label="Try again" card={card} />}
		<Action href={`/cards/${card.id}/removal`} label="Remove" card={card} />
	</div>
);

export const CardTable = ({ cards }: { cards: readonly Card[] }) => (
	<Table
		caption="Your cards, the newest first"
		columns={["Card", "State", "What you can do"]}
		rows={cards.map((card) => [
			<>
				{nameOf(card)}
				<p class="quiet small">
					{card.expired ? "Expired" : "Expires"} {expiryOf(card)}
				</p>
			</>,
			<State card={card} />,
			<Actions card={card} />,
		])}
	/>
);

export const NoCards = () => (
	<EmptyState title="No cards yet">
		<p>Add a card so that your support plan can be paid. Its number is encrypted before it leaves your device.</p>
		<ButtonLink href="/cards/new">Add a card</ButtonLink>
	</EmptyState>
);

/** Instead of the form, before anybody types a number in vain. */
export const NotNow = ({ title, message, link }: { title: string } & NonNullable<FormState["obstacle"]>) => (
	<>
		<h1>{title}</h1>
		<EmptyState title="One step before">
			<p>{message}</p>
			{link && <ButtonLink href={link[1]}>{link[0]}</ButtonLink>}
		</EmptyState>
	</>
);

interface NewCardProps {
	readonly title: string;
	/** The card that the new one is to take the place of. */
	readonly replaced: Card | undefined;
	/** Where to sign in again, and back. */
	readonly signIn: string;
}

const empty: FormState = { values: {} };
const brandRules = JSON.stringify(
	Object.fromEntries(Object.entries(brands).map(([brand, { ranges, lengths }]) => [brand, { ranges, lengths }])),
);

/** Nothing of this form can be sent but by the script, which shows it: no field has a name, and the form has no action. */
export const NewCardForm = ({ title, replaced, signIn }: NewCardProps) => (
	<>
		<h1>{title}</h1>
		<p class="lead">
			{replaced
				? `Once it has been checked, it takes the place of your ${nameOf(replaced)}.`
				: "It pays for your support plan. You can replace or remove it whenever you like."}
		</p>
		<div class="narrow stack">
			<div class="message warning" data-card-without>
				<h2>This page needs JavaScript</h2>
				<p>
					Your card number is encrypted on your device, so that only our billing can read it. Without JavaScript that cannot be
					done, so nothing is sent from here. Allow it for this site, then load the page again.
				</p>
			</div>
			<form class="form" novalidate hidden data-card data-brands={brandRules} data-replaces={replaced?.id} data-sign-in={signIn}>
				<TextField
					form={empty}
					name="number"
					label="Card number"
					hint={`With or without spaces. We take ${brandNames.slice(0, -1).join(", ")} and ${brandNames.at(-1)}.`}
					autocomplete="cc-number"
					unsent
				/>
				<TextField
					form={empty}
					name="expiry"
					label="Expiry date"
					hint="Month and year as they stand on the card, such as 08/29"
					autocomplete="cc-exp"
					unsent
				/>
				<p class="quiet small">We never ask for the three or four digits of the security code.</p>
				{/* with no link beside it: when a message above goes away, the second half of a double click would hit it */}
				<div class="row">
					<button class="button" type="submit">
						{replaced ? "Replace card" : "Add card"}
					</button>
				</div>
				<p class="quiet" role="status" data-card-status />
			</form>
		</div>
	</>
);

export const ConfirmRemoval = ({ card, isOnly, form }: { card: Card; isOnly: boolean; form: FormState }) => (
	<>
		<h1>Remove this card?</h1>
		<p class="lead">
			We forget {nameOf(card)} for good.{" "}
			{isOnly
				? "You have no other card that could be charged: without one, the next payment for your plan cannot be made."
				: "Your other cards stay as they are."}
		</p>
		<Form
			action={`/cards/${card.id}/removal`}
			form={form}
			submit="Yes, remove it"
			danger
			beside={
				<a class="link" href="/cards">
					No, keep it
				</a>
			}
		/>
	</>
);
