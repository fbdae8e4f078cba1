/**
 * All that a log line may carry. Bodies, names, addresses, tokens and codes have no field here, so they cannot leak.
 * `error` is the class of an error and where it was thrown, never its message, which may hold what a customer wrote.
 */
const fieldNames = [
	"correlationId",
	"traceId",
	"customerId",
	"ticketId",
	"contractId",
	"cardId",
	"notificationId",
	"invoiceId",
	"paymentId",
	"eventId",
	"eventType",
	"source",
	"destination",
	"queue",
	"shard",
	"cron",
	"method",
	"route",
	"status",
	"code",
	"directive",
	"verdict",
	"reason",
	"count",
	"assigned",
	"waiting",
	"released",
	"error",
] as const;

export type LogFields = Partial<Record<(typeof fieldNames)[number], string | number | undefined>>;

export interface Log {
	info(message: string, fields?: LogFields): void;
	/** Something went wrong that mends itself. */
	warn(message: string, fields?: LogFields): void;
	/** Somebody has to look. */
	alarm(message: string, fields?: LogFields): void;
}

/** One JSON line an entry; fields outside the allow-list are dropped, whatever the types say. */
export function createLog(worker: string, always: LogFields, write: (line: string) => void, now: () => number): Log {
	const at =
		(level: keyof Log) =>
		(message: string, fields: LogFields = {}) => {
			const given = { ...always, ...fields };
			const kept = Object.fromEntries(fieldNames.map((name) => [name, given[name]]));
			write(JSON.stringify({ time: new Date(now()).toISOString(), level, worker, message, ...kept }));
		};
	return { info: at("info"), warn: at("warn"), alarm: at("alarm") };
}

/** The trace id of a `traceparent` (W3C Trace Context). */
export const traceIdOf = (traceparent: string) => traceparent.split("-")[1];

/** What a log line may say of an error. */
export function describeError(error: unknown): string {
	if (!(error instanceof Error)) return typeof error;
	const frames = (error.stack ?? "").replace(error.message, "").split("\n");
	const at = frames.find((line) => /^\s+at .+:\d+:\d+\)?$/.test(line));
	return at ? `${error.name} ${at.trim()}` : error.name;
}
