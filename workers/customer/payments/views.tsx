import { ButtonLink, DateTime, Days, formatMoney, Message } from "../../../shared/ui/text.tsx";
import type { UnpaidPeriod } from "./schemas.ts";

/** Why it could not be charged. */
const reasons: Readonly<Record<UnpaidPeriod["reason"], string>> = {
	no_card: "There was no card that could be charged.",
	insufficient_funds: "Your bank declined your card: there was not enough money.",
	card_expired: "Your card has expired.",
	card_declined: "Your bank declined your card.",
};

/** What is not paid, why, and what happens next. Nothing while all is paid. */
export const UnpaidNotice = ({ unpaid }: { unpaid: readonly UnpaidPeriod[] }) => {
	if (unpaid.length === 0) return null;
	const needsCard = unpaid.some(({ newCard }) => !newCard);
	return (
		<Message kind="warning">
			<h2>A payment for your plan has failed</h2>
			{unpaid.map((one) => (
				<p>
					{formatMoney(one.amount)} for <Days period={one.period} />: {reasons[one.reason]} <Next {...one} />
				</p>
			))}
			{needsCard && (
				<p class="row">
					<ButtonLink href="/cards/new">{unpaid[0]?.reason === "no_card" ? "Add a card" : "Enter another card"}</ButtonLink>
				</p>
			)}
		</Message>
	);
};

const Next = ({ nextAttemptAt, reason, newCard }: UnpaidPeriod) => {
	if (newCard) return "We charge the card that you have entered since, once it has been checked.";
	if (nextAttemptAt) {
		return (
			<>
				We try again on <DateTime at={nextAttemptAt} />, or as soon as you enter another card.
			</>
		);
	}
	if (reason === "no_card") return "We charge it as soon as you add one.";
	return "We do not charge this card again. Enter another one, and we charge that.";
};
