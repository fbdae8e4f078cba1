import type { Child } from "hono/jsx";
import { DateTime, Days, EmailAddress, formatMoney, formatRate } from "../../../shared/ui/text.tsx";
import type { Invoice } from "./schemas.ts";
import { cardName, words } from "./words.ts";

/**
 * The invoice itself, in its own language: what is printed of its page, on one sheet. What people and the catalogue are
 * called is text, which may run from right to left.
 */
export const InvoiceDocument = ({ invoice }: { invoice: Invoice }) => {
	const { kind, number, seller, buyer, language } = invoice;
	const say = words[language];
	return (
		<article class="invoice card" lang={language} aria-labelledby="invoice">
			<h1 id="invoice">
				{say.title[kind]} <span class="whole">{number}</span>
			</h1>
			<div class="parties">
				<Party title={say.seller} party={seller} language={language}>
					<p>
						{say.taxId} {seller.taxId}
					</p>
				</Party>
				<Party title={say.buyer} party={buyer} language={language} />
			</div>
			<Facts invoice={invoice} />
			<Lines invoice={invoice} />
		</article>
	);
};

/** Who sells or buys. Of the latter only the address for mails is always known. */
const Party = ({
	title,
	party: { name, street, postalCode, city, country, email },
	language,
	children,
}: {
	title: string;
	party: Invoice["buyer"];
	language: Invoice["language"];
	children?: Child;
}) => {
	const town = [postalCode, city].filter(Boolean).join(" ");
	const lines = [name, street, town, country && nameOfCountry(country, language)].filter(Boolean);
	return (
		<section>
			<h2>{title}</h2>
			{lines.map((line) => (
				<p>
					<bdi>{line}</bdi>
				</p>
			))}
			<p>
				<EmailAddress address={email} />
			</p>
			{children}
		</section>
	);
};

/** What is no code of a country is shown as it is. */
function nameOfCountry(code: string, language: Invoice["language"]): string {
	if (!/^[A-Z]{2}$/.test(code)) return code;
	return new Intl.DisplayNames(language, { type: "region" }).of(code) ?? code;
}

const Facts = ({ invoice: { kind, issuedAt, period, card, corrects, correctedBy, language } }: { invoice: Invoice }) => {
	const say = words[language];
	return (
		<dl class="facts">
			<dt>{say.issued}</dt>
			<dd>
				<DateTime at={issuedAt} language={language} />
			</dd>
			<dt>{say.period}</dt>
			<dd>
				<Days period={period} language={language} />
			</dd>
			<dt>{say.card[kind]}</dt>
			<dd>{card ? cardName(card) : say.nothing}</dd>
			{corrects && (
				<>
					<dt>{say.corrects}</dt>
					<dd>
						<Reference {...corrects} />
					</dd>
				</>
			)}
			{correctedBy.length > 0 && (
				<>
					<dt>{say.correctedBy}</dt>
					{correctedBy.map((note) => (
						<dd>
							<Reference {...note} />
						</dd>
					))}
				</>
			)}
		</dl>
	);
};

const Reference = ({ id, number }: { id: string; number: string }) => <a href={`/invoices/${id}`}>{number}</a>;

/** Each with its period, where that is another one than the invoice's, and what they add up to. */
const Lines = ({ invoice: { kind, lines, period, net, tax, total, language } }: { invoice: Invoice }) => {
	const say = words[language];
	const sum = (label: string, amount: Invoice["net"]) => (
		<tr>
			<th scope="row">{label}</th>
			<td class="amount">{formatMoney(amount, language)}</td>
		</tr>
	);
	return (
		<table>
			<caption class="visually-hidden">{say.what}</caption>
			<thead>
				<tr>
					<th scope="col">{say.what}</th>
					<th scope="col" class="amount">
						{say.amount}
					</th>
				</tr>
			</thead>
			<tbody>
				{lines.map((line) => (
					<tr>
						<th scope="row">
							<bdi>{line.text}</bdi>
							{(line.period.from !== period.from || line.period.to !== period.to) && (
								<span class="when quiet small">
									{" "}
									<Days period={line.period} language={language} />
								</span>
							)}
						</th>
						<td class="amount">{formatMoney(line.amount, language)}</td>
					</tr>
				))}
			</tbody>
			<tfoot>
				{sum(say.net, net)}
				{sum(`${say.tax} (${formatRate(tax.basisPoints, language)})`, tax.amount)}
				{sum(say.total[kind], total)}
			</tfoot>
		</table>
	);
};
