import * as v from "valibot";
import type { Shard } from "../../../shared/ids.ts";

/** Shard → weight of new customers. A weight of 0 closes a shard to them. */
const ShardWeights = v.pipe(
	v.string(),
	v.parseJson(),
	v.record(v.pipe(v.string(), v.regex(/^[0-9a-f]{2}$/)), v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000))),
);

/** The shard of a new customer, chosen by weight. Four random bytes. Throws when all are closed or the weights make no sense. */
export function chooseShard(weights: string, random: Uint8Array): Shard {
	const parsed = v.safeParse(ShardWeights, weights);
	if (!parsed.success) throw new Error("SHARD_WEIGHTS is malformed");
	const shards = Object.entries(parsed.output);
	const total = shards.reduce((sum, [, weight]) => sum + weight, 0);
	if (total === 0) throw new Error("every shard is closed to new customers");
	let at = Math.floor((new DataView(random.buffer, random.byteOffset).getUint32(0) / 2 ** 32) * total);
	for (const [shard, weight] of shards) {
		if (at < weight) return shard;
		at -= weight;
	}
	throw new Error("no shard was chosen"); // `at` is below the total
}
