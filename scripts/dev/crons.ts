import type { WorkerConfig } from "./configs.ts";
import { address } from "./home.ts";

/** `*`, numbers, ranges, steps and lists, as Cloudflare's Cron Triggers have them; names of days or months are not used. */
function fieldMatches(field: string, value: number): boolean {
	return field.split(",").some((part) => {
		const [range = "", step = "1"] = part.split("/");
		const [from = 0, to = from] = range === "*" ? [0, Number.MAX_SAFE_INTEGER] : range.split("-").map(Number);
		return value >= from && value <= to && (value - from) % Number(step) === 0;
	});
}

/** Does this Cron Trigger fire in the minute of `at`? UTC, as on Cloudflare. */
function isDue(cron: string, at: Date): boolean {
	const now = [at.getUTCMinutes(), at.getUTCHours(), at.getUTCDate(), at.getUTCMonth() + 1, at.getUTCDay()];
	const fields = cron.split(" ");
	return now.every((value, i) => fieldMatches(fields[i] ?? "*", value));
}

/** Fires a Worker's Cron Trigger through the gateway and waits for its end. Throws with what the gateway answered. */
export async function fire(port: number, worker: string, cron: string): Promise<void> {
	const query = new URLSearchParams({ worker, cron });
	const response = await fetch(`http://${address}:${port}/__dev/scheduled?${query}`, { method: "POST" });
	const text = await response.text();
	if (!response.ok) throw new Error(text.trim());
}

/** Fires what is due at the start of every minute, until it is stopped. */
export function keepFiring(port: number, workers: readonly WorkerConfig[], failed: (error: unknown) => void): { stop(): void } {
	let timer: ReturnType<typeof setTimeout>;
	const wait = () => {
		timer = setTimeout(
			async () => {
				const now = new Date();
				wait();
				const due = workers.flatMap(({ worker, triggers }) => triggers.crons.map((cron) => ({ worker, cron })));
				for (const { worker, cron } of due.filter(({ cron }) => isDue(cron, now))) {
					await fire(port, worker, cron).catch(failed);
				}
			},
			60_000 - (Date.now() % 60_000) + 50,
		);
	};
	wait();
	return { stop: () => clearTimeout(timer) };
}
