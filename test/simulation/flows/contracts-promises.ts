import { replicateCron } from "../../../shared/contracts/replicate.ts";
import type { WorkerName } from "../../../shared/events/topology.ts";
import type { Cluster } from "../cluster.ts";
import { quanta, workers } from "../quanta.ts";

/** Every Worker with a replica. */
export const readers: readonly WorkerName[] = workers.filter((worker) => replicateCron in quanta[worker].crons);

interface Offer {
	contract_id: string;
	version: number;
	terms: string;
}

/** What may be signed when these versions are all that there are. */
const newest = (versions: string) => `select contract_id, version, terms from (
		select *, row_number() over (partition by contract_id order by version desc) as place from ${versions})
	where place = 1 and not withdrawn order by contract_id`;
const thisGeneration = "contract_versions where generation = (select generation from replicas)";
const offered = "select contract_id, version, terms from contract_versions where offered order by contract_id, version";

/**
 * At every moment: no contract twice on offer, and once a pass is complete nothing withdrawn, superseded or unknown to it.
 * Looks at one replica after the other.
 */
export function contractsAtEveryMoment(cluster: Cluster, turn: number): string[] {
	const all = replicas(cluster);
	const { name, database } = all[turn % all.length] ?? {};
	if (!database) return ["there is no replica"];
	const offers = database.all<Offer>(offered);
	const [state] = database.all<{ complete: number }>("select complete_generation = generation as complete from replicas");
	const found: string[] = [];
	if (new Set(offers.map(({ contract_id }) => contract_id)).size < offers.length) found.push(`${name} offers a contract twice`);
	if (state?.complete && text(offers) !== text(database.all<Offer>(newest(thisGeneration)))) {
		found.push(`${name} does not offer what it has`);
	}
	return found;
}

/** In the end: what sysops has is on offer everywhere, and nothing is anywhere that sysops never published. */
export function contractsInTheEnd(cluster: Cluster, since: number): string[] {
	const wanted = text(cluster.rows<Offer>("sysops", newest("contract_versions")));
	const published = new Set(cluster.rows<Offer>("sysops", "select * from published").map((version) => text([version])));
	return replicas(cluster).flatMap(({ name, database }) => {
		const found: string[] = [];
		if (text(database.all<Offer>(offered)) !== wanted) found.push(`${name} does not offer what sysops has`);
		const [state] = database.all<{ at: number | null }>("select complete_at as at from replicas");
		if ((state?.at ?? 0) < since) found.push(`${name} does not know that it is complete`);
		const all = database.all<Offer>("select contract_id, version, terms from contract_versions");
		found.push(
			...all.filter((version) => !published.has(text([version]))).map(({ contract_id }) => `${name} invents ${contract_id}`),
		);
		return found;
	});
}

const namedButUnknown = `
	select line.value->>'$.contractId' as contract_id, line.value->>'$.contractVersion' as version
	from outbox as o, json_each(o.event, '$.data.phases') as phase, json_each(phase.value, '$.lines') as line
	where o.type = 'PlanChanged' and not exists (select 1 from contract_versions
		where contract_id = line.value->>'$.contractId' and version = line.value->>'$.contractVersion')`;

/** Whether a plan waits for billing with a version that neither sysops has nor its own shard, which alone could give it back. */
export function waitsForLostTerms(cluster: Cluster): boolean {
	const has = "select 1 from contract_versions where contract_id = ? and version = ?";
	const [sysops] = cluster.deployments.sysops.databases.values();
	return cluster
		.rows<Pick<Offer, "contract_id" | "version">>("customer", namedButUnknown)
		.some(({ contract_id, version }) => sysops?.all(has, contract_id, version).length === 0);
}

const replicas = ({ deployments }: Cluster) =>
	readers.flatMap((worker) =>
		[...deployments[worker].databases].map(([shard, database]) => ({ name: `the replica of ${worker} ${shard}`, database })),
	);

const text = (offers: readonly Offer[]) =>
	JSON.stringify(offers.map(({ contract_id, version, terms }) => [contract_id, version, terms]));
