import type { Child } from "hono/jsx";

/** Built once: making a formatter costs more than formatting. */
const currencies = new Map<string, Intl.NumberFormat>();
const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });
const minute = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });

/** `amountMinor` counts the smallest unit of the currency (ISO 4217). */
export function formatMoney({ amountMinor, currency }: { amountMinor: number; currency: string }): string {
	let format = currencies.get(currency);
	if (!format) {
		format = new Intl.NumberFormat("en-GB", { style: "currency", currency });
		currencies.set(currency, format);
	}
	return format.format(amountMinor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** An instant, to the day or, with `time`, to the minute. */
export const DateTime = ({ at, time = false }: { at: string; time?: boolean }) => {
	const date = new Date(at);
	return <time datetime={at}>{time ? `${minute.format(date)} UTC` : day.format(date)}</time>;
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
