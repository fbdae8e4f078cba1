import type { notifications } from "../tables.ts";

type Row = typeof notifications.$inferSelect;

export interface NotificationRow {
	readonly id: string;
	readonly customer_id: string;
	readonly channel: Row["channel"];
	readonly language: Row["language"];
	readonly template: Row["template"];
	readonly status: Row["status"];
	readonly requested_at: number;
	readonly expires_at: number;
	readonly attempts: number;
	readonly next_attempt_at: number | null;
	readonly ended_at: number | null;
	readonly failure: string | null;
	/** Of one only, and while they are kept. */
	readonly recipient?: string | null;
	readonly content?: string | null;
}

/** A message as the staff see it in a list. Times leave as ISO 8601 instants. */
export function notificationOf({ id, channel, language, template, status, attempts, failure, ...row }: NotificationRow) {
	return {
		id,
		customerId: row.customer_id,
		channel,
		language,
		template,
		status,
		attempts,
		failure,
		requestedAt: instant(row.requested_at),
		expiresAt: instant(row.expires_at),
		nextAttemptAt: instantOrNull(row.next_attempt_at),
		endedAt: instantOrNull(row.ended_at),
	};
}
export type Notification = ReturnType<typeof notificationOf>;

/** The same with to whom and what it says; null when that is forgotten. */
export function withContentOf(row: NotificationRow) {
	const values: unknown = row.content == null ? null : JSON.parse(row.content);
	return { ...notificationOf(row), recipient: row.recipient ?? null, values };
}
export type NotificationWithContent = ReturnType<typeof withContentOf>;

const instant = (at: number) => new Date(at).toISOString();
const instantOrNull = (at: number | null) => (at === null ? null : instant(at));
