import type { Child } from "hono/jsx";
import { moneyIn } from "../currencies.ts";
import { lastDayOf } from "../periods.ts";

/** The portal is in English; an invoice is in the language that it was written in. */
const locales = { en: "en-GB", de: "de-DE" } as const;
type Language = keyof typeof locales;

/** Built once: making a formatter costs more than formatting. */
const dayIn = (locale: string) => new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });
const days = { en: dayIn(locales.en), de: dayIn(locales.de) } as const;
const percents = {
	en: new Intl.NumberFormat(locales.en, { style: "percent", maximumFractionDigits: 2 }),
	de: new Intl.NumberFormat(locales.de, { style: "percent", maximumFractionDigits: 2 }),
} as const;
const minute = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });

/** `amountMinor` counts the minor unit of the currency (ISO 4217). */
export const formatMoney = (money: { amountMinor: number; currency: string }, language: Language = "en"): string =>
	moneyIn(locales[language], money);

/** Hundredths of a percent. */
export const formatRate = (basisPoints: number, language: Language) => percents[language].format(basisPoints / 10_000);

/** An instant, to the day or, with `time`, to the minute. */
export const DateTime = ({ at, time = false, language = "en" }: { at: string; time?: boolean; language?: Language }) => {
	const date = new Date(at);
	return <time datetime={at}>{time ? `${minute.format(date)} UTC` : days[language].format(date)}</time>;
};

/** A half-open period by its first and its last day: the next one begins on the day after. */
export const Days = ({ period, language = "en" }: { period: { from: string; to: string }; language?: Language }) => {
	const last = lastDayOf({ from: Date.parse(period.from), to: Date.parse(period.to) });
	return (
		<>
			<DateTime at={period.from} language={language} /> – <DateTime at={new Date(last).toISOString()} language={language} />
		</>
	);
};

/** What is too long for a line breaks before its domain. */
export const EmailAddress = ({ address }: { address: string }) => {
	const domain = address.lastIndexOf("@") + 1;
	return (
		<bdi>
			{address.slice(0, domain)}
			<wbr />
			{address.slice(domain)}
		</bdi>
	);
};

/** What state something is in. The words say it; shape and colour only help. */
export const Badge = ({ kind, children }: { kind: "plain" | "busy" | "good" | "warn"; children: Child }) => (
	<span class={`badge ${kind}`}>{children}</span>
);

/** Tells that something has happened, or is in the way. */
export const Message = ({ kind, children }: { kind: "success" | "warning" | "error"; children: Child }) => (
	<div class={`message ${kind}`} role={kind === "error" ? "alert" : "status"}>
		{children}
	</div>
);

export const ButtonLink = ({ href, second = false, children }: { href: string; second?: boolean; children: Child }) => (
	<a class={second ? "button second" : "button"} href={href}>
		{children}
	</a>
);

/** Instead of a list in which there is nothing yet. */
export const EmptyState = ({ title, children }: { title: string; children: Child }) => (
	<div class="empty">
		<h2>{title}</h2>
		{children}
	</div>
);

/** Leads to what is older in a list of pages. */
export const Pager = ({ path, cursor, next }: { path: string; cursor: string; next: string | null }) =>
	cursor || next ? (
		<nav class="row" aria-label="Pages">
			{cursor && (
				<a class="link" href={path}>
					Newest
				</a>
			)}
			{next && (
				<a class="link" href={`${path}?cursor=${encodeURIComponent(next)}`}>
					Older
				</a>
			)}
		</nav>
	) : null;
