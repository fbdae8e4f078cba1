import type { Database } from "../context.ts";

/**
 * Applies `work` to all of `items`. If the database refuses them but still answers, halves are tried, down to the one
 * that it refuses. `failed` is told what could not be done: one `poison` item, or all of them while the database is
 * `unavailable`.
 */
export async function bisect<T>(
	database: Database,
	items: readonly T[],
	work: (items: readonly T[]) => Promise<void>,
	failed: (items: readonly T[], why: "poison" | "unavailable", error: unknown) => void,
): Promise<void> {
	try {
		await work(items);
	} catch (error) {
		if (!(await answers(database))) return failed(items, "unavailable", error);
		if (items.length === 1) return failed(items, "poison", error);
		const half = Math.ceil(items.length / 2);
		await bisect(database, items.slice(0, half), work, failed);
		await bisect(database, items.slice(half), work, failed);
	}
}

async function answers(database: Database): Promise<boolean> {
	try {
		await database.prepare("select 1").all();
		return true;
	} catch {
		return false;
	}
}
