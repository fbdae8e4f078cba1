import { days } from "../../shared/time.ts";
import { workerConfigs } from "../dev/configs.ts";
import { eachDatabase } from "../dev/databases.ts";

/** More than two months and less than three, whichever they are. */
const age = 70 * days;
/** The months of a plan that have begun since. */
export const monthsBegun = 3;

/**
 * Lets all plans that billing has begin so much earlier, of which nothing may have been charged. Time cannot be made to pass
 * in a running stack: this is how some months of a plan become due there. The stack has to be stopped.
 */
export async function backdatePlans(stateFolder: string): Promise<void> {
	const shards = workerConfigs
		.filter(({ worker }) => worker === "billing")
		.flatMap(({ d1_databases }) => d1_databases.map(({ database_id: id }) => ({ id })));
	await eachDatabase(stateFolder, shards, (database) =>
		database.batch([
			// the next ones follow when the first ones are looked at
			database.prepare("delete from periods where period_index > 0"),
			database.prepare("update periods set from_at = from_at - ?1, starts_at = starts_at - ?1, look_at = 0").bind(age),
			database
				.prepare("update subscriptions set starts_at = starts_at - ?1, phases = json_set(phases, '$[0].from', starts_at - ?1)")
				.bind(age),
		]),
	);
}
