import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { queueBinding, queuesOf, queuesSentBy } from "../../shared/events/queues.ts";
import { topology, type WorkerName } from "../../shared/events/topology.ts";
import { root } from "../run.ts";
import { configs, workerNames } from "../workers.ts";
import type { Generator } from "./generator.ts";

const marker = "# queues: from here on written by `npm run generate` out of shared/events/topology.ts\n";

/** The queue part of a Worker's wrangler.toml, as the topology has it. */
function queueConfig(worker: WorkerName): string {
	const producers = queuesSentBy(topology, worker).map(
		(queue) => `\n[[queues.producers]]\nqueue = "${queue}"\nbinding = "${queueBinding(queue)}"\n`,
	);
	const consumers = Object.entries(queuesOf(topology))
		.filter(([, { consumer }]) => consumer === worker)
		.map(([queue, settings]) => {
			const deadLetters = settings.deadLetterQueue ? `dead_letter_queue = "${settings.deadLetterQueue}"\n` : "";
			return `
[[queues.consumers]]
queue = "${queue}"
max_batch_size = ${settings.maxBatchSize}
max_batch_timeout = ${settings.maxBatchTimeout}
max_retries = ${settings.maxRetries}
retry_delay = ${settings.retryDelay}
max_concurrency = ${settings.maxConcurrency}
${deadLetters}`;
		});
	return [...producers, ...consumers].join("");
}

function wantedConfig(worker: WorkerName): { path: string; text: string; wanted: string } {
	const path = join(root, configs[worker]);
	const text = readFileSync(path, "utf8");
	const at = text.indexOf(marker);
	if (at < 0) throw new Error(`${configs[worker]} has no line that marks where its queues begin`);
	return { path, text, wanted: text.slice(0, at) + marker + queueConfig(worker) };
}

/** The queues of every wrangler.toml follow the topology; what stands above the marker is written by hand. */
export const queues: Generator = {
	async check() {
		const outdated = workerNames.filter((worker) => {
			const { text, wanted } = wantedConfig(worker);
			return text !== wanted;
		});
		return outdated.map((worker) => `${configs[worker]} does not follow shared/events/topology.ts`);
	},
	async write() {
		for (const worker of workerNames) {
			const { path, wanted } = wantedConfig(worker);
			writeFileSync(path, wanted);
		}
	},
};
