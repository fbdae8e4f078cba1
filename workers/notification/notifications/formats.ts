import { moneyIn } from "../../../shared/currencies.ts";
import type { Language } from "../../../shared/events/customer.ts";
import { days } from "../../../shared/time.ts";

const locales: Readonly<Record<Language, string>> = { en: "en-GB", de: "de-DE" };

/** Of instants in UTC, in each language. Built once: making a formatter costs more than formatting. */
export const formats = (options: Intl.DateTimeFormatOptions): Readonly<Record<Language, Intl.DateTimeFormat>> => ({
	en: new Intl.DateTimeFormat(locales.en, { ...options, timeZone: "UTC" }),
	de: new Intl.DateTimeFormat(locales.de, { ...options, timeZone: "UTC" }),
});

const day = formats({ dateStyle: "long" });

/** The day of an instant, in UTC: 2 November 2026. */
export const dayOf = (language: Language, at: number): string => day[language].format(at);

/** A half-open period by its first and its last day: the next period begins on the day after that. */
export function periodOf(language: Language, { periodFrom, periodTo }: { periodFrom: number; periodTo: number }): string {
	return day[language].formatRange(periodFrom, Math.max(periodFrom, periodTo - days));
}

/** `amountMinor` counts the minor unit of the currency (ISO 4217). */
export const moneyOf = (language: Language, money: { amountMinor: number; currency: string }): string =>
	moneyIn(locales[language], money);
