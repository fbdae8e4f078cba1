import type { Cluster } from "./cluster.ts";
import type { Flow } from "./flow.ts";
import type { Person } from "./people.ts";
import type { Stage } from "./stage.ts";

/** What a world is about. */
export interface Kind {
	readonly stage: Stage;
	/** How many there are, unless somebody says otherwise. */
	readonly customers: number;
	/** Those that they are in turn; all that there are where it is left out. */
	readonly people?: readonly Person["kind"][];
	/** People act and time passes, while everything fails that can; `look` asks what must hold at every moment. */
	live(cluster: Cluster, people: readonly Person[], running: readonly Flow[], look: () => void): Promise<void>;
	/** Cron, as it comes now and then. */
	tick(cluster: Cluster): void;
	/** How long nobody need look, while nothing fails any more; left out, it is a minute at first, and longer each time. */
	idle?(cluster: Cluster): number;
}
