import { replicateCron } from "../../../shared/contracts/replicate.ts";
import { hours, minutes } from "../../../shared/time.ts";
import { changeContract } from "../../../workers/sysops/contracts/change-contract.ts";
import type { Contract } from "../../../workers/sysops/contracts/contract.ts";
import { createContract } from "../../../workers/sysops/contracts/create-contract.ts";
import { withdrawContract } from "../../../workers/sysops/contracts/withdraw-contract.ts";
import type { Cluster } from "../cluster.ts";
import type { Flow, FlowKind } from "../flow.ts";
import type { SqliteDatabase } from "../sqlite-d1.ts";
import { contractsAtEveryMoment, contractsInTheEnd, readers, waitsForLostTerms } from "./contracts-promises.ts";

const offered = "select contract_id, version from contract_versions where offered";
const remember = `delete from on_offer; insert into on_offer ${offered};`;

/**
 * Nothing that was ever in a replica goes or changes: a signed plan refers to it. Until a pass is complete, what the last
 * complete one offered stays on offer. A restored database is another matter.
 */
const replica = `create table restoring (yes int);
	create trigger version_gone after delete on contract_versions when not exists (select 1 from restoring)
	begin insert into violations values ('a version is gone: ' || old.contract_id || ' ' || old.version); end;
	create trigger version_changed after update on contract_versions when old.terms <> new.terms or old.withdrawn <> new.withdrawn
	begin insert into violations values ('a version has changed: ' || old.contract_id || ' ' || old.version); end;
	create table on_offer (contract_id text, version int);
	create trigger replica_put_back after insert on replicas begin ${remember} end;
	create trigger pass_complete after update on replicas when new.generation = new.complete_generation begin ${remember} end;
	create trigger pass_goes_on after update on replicas when new.generation > new.complete_generation
	begin insert into violations select 'on offer before its pass is complete: ' || contract_id from (${offered} except select * from on_offer)
		union all select 'not on offer before its pass is complete: ' || contract_id from (select * from on_offer except ${offered}); end;`;

const kindOf = (start: FlowKind["start"]): FlowKind => ({
	witnesses: {
		customer: replica,
		billing: replica,
		sysops: `create table published (contract_id text, version int, terms text);
			create trigger version_published after insert on contract_versions
			begin insert into published values (new.contract_id, new.version, new.terms); end;
			create trigger version_unexplained after insert on contract_versions
			when new.seq <> (select count(*) from contract_versions) begin
				insert into violations values ('a gap in the feed before ' || new.seq); end;`,
	},
	start,
});

/** The catalogue, from the staff to every replica. */
export const contracts = kindOf(() => new ContractsFlow(false));

/** A small one that changes seldom, and of which nothing is lost. */
export const fewContracts = kindOf(() => new ContractsFlow(true));

const actor = { email: "administrator@squad.example", role: "administrator" } as const;

const termsOf = (name: string, amountMinor: number) => ({
	name,
	summary: "Somebody comes.",
	devices: ["television" as const],
	coverage: ["Visits"],
	responseHours: 24,
	price: { amountMinor, currency: "EUR" as const },
});

class ContractsFlow implements Flow {
	readonly #known = new Map<string, Contract>();
	readonly #counts = { made: 0, restored: 0 };
	readonly #isQuiet: boolean;
	#closed = false;
	#looks = 0;

	constructor(isQuiet: boolean) {
		this.#isQuiet = isQuiet;
	}

	plan(cluster: Cluster, until: number): void {
		const { world } = cluster;
		const { random } = world;
		if (this.#isQuiet) {
			for (let i = 0; i < 4; i++) world.after(random.between(0, 5 * minutes), () => void this.#create(cluster, i));
			for (let i = 0; i < 4; i++) world.at(random.between(world.now, until), () => void this.#change(cluster));
			return;
		}
		const sometime = () => random.between(0, random.chance(0.7) ? 20 * minutes : until - world.now);
		// More than a page of the feed, in some worlds: the passes through it are interrupted then.
		const first = random.pick([3, 8, 8, 8, 8, 8, 8, 120]);
		for (let i = 0; i < first; i++) world.after(random.between(0, 10 * minutes), () => void this.#create(cluster, i));
		for (let i = 0; i < 12; i++) world.after(sometime(), () => void this.#change(cluster));
		for (let i = 0; i < 3; i++) world.after(sometime(), () => void this.#withdraw(cluster));
		if (random.chance(0.4)) world.after(sometime(), () => this.#restoreCatalogue(cluster));
		if (random.chance(0.4)) this.#restoreReplica(cluster, sometime());
	}

	async #create(cluster: Cluster, turn: number): Promise<void> {
		const { random, now } = cluster.world;
		const terms = termsOf(`contract ${turn}`, random.between(100, 5000));
		const input = { actor, terms, idempotencyKey: `contract-${turn}-${now}` };
		for (let attempt = 0; attempt < 3 && !this.#closed; attempt++) {
			const made = await cluster.request("sysops", `${terms.name} is created`, (ctx) => createContract({ ctx, input }));
			if ("answer" in made) return this.#made(made.answer);
			if ("problem" in made) return;
			await new Promise<void>((resolve) => cluster.world.after(random.between(100, hours), resolve));
		}
	}

	async #change(cluster: Cluster): Promise<void> {
		const contract = this.#someContract(cluster);
		if (!contract) return;
		const { id: contractId, version: basedOn } = contract;
		const terms = termsOf(`${contract.terms.name}'`, cluster.world.random.between(100, 5000));
		const input = { actor, contractId, basedOn, terms };
		const changed = await cluster.request("sysops", `${contractId} is changed`, (ctx) => changeContract({ ctx, input }));
		if ("answer" in changed) this.#made(changed.answer);
	}

	async #withdraw(cluster: Cluster): Promise<void> {
		const contract = this.#someContract(cluster);
		if (!contract) return;
		const input = { actor, contractId: contract.id };
		const last = await cluster.request("sysops", `${contract.id} is withdrawn`, (ctx) => withdrawContract({ ctx, input }));
		if ("answer" in last) this.#made(last.answer);
	}

	#someContract({ world }: Cluster): Contract | undefined {
		return [...this.#known.values()][world.random.between(0, this.#known.size)];
	}

	#made(contract: Contract): void {
		this.#known.set(contract.id, contract);
		this.#counts.made += 1;
	}

	/** The newest versions are gone from the source of truth; afterwards their numbers in the feed are given away again. */
	#restoreCatalogue(cluster: Cluster): void {
		const { world } = cluster;
		const database = cluster.deployments.sysops.databases.get("00");
		if (!database) return;
		const lost = world.random.between(1, 6);
		this.#putBack(cluster, database, `the catalogue is put back by ${lost} versions`, () => {
			database.all("delete from contract_versions where seq > (select max(seq) from contract_versions) - ?", lost);
		});
	}

	/** A shard's replica becomes what it was some time before. */
	#restoreReplica(cluster: Cluster, delay: number): void {
		const { world, deployments } = cluster;
		const choices = readers.flatMap((worker) => [...deployments[worker].databases.values()]);
		const database = choices[world.random.between(0, choices.length)];
		if (!database) return;
		let copy: ReplicaCopy | undefined;
		world.after(delay, () => {
			copy = copyOf(database);
		});
		world.after(delay + world.random.between(minutes, 3 * hours), () => {
			const before = copy;
			if (before) this.#putBack(cluster, database, "a replica is put back", () => restore(database, before));
		});
	}

	/**
	 * A database is put back as a whole: a shard that forgets a version forgets the plans that were signed with it. Here
	 * the plans stay, which is harder, unless one would wait for a version that is gone everywhere: that cannot come to be.
	 */
	#putBack(cluster: Cluster, { sqlite }: SqliteDatabase, what: string, change: () => void): void {
		sqlite.exec("begin");
		change();
		const possible = !waitsForLostTerms(cluster);
		sqlite.exec(possible ? "commit" : "rollback");
		if (!possible) return;
		cluster.world.say(() => what);
		this.#counts.restored += 1;
	}

	always(cluster: Cluster): string[] {
		this.#looks += 1;
		if (this.#isQuiet) return [];
		return contractsAtEveryMoment(cluster, this.#looks);
	}

	violations(): string[] {
		return [];
	}

	/** One more run of replication, now that nothing fails and the staff have gone: then every replica is what sysops has. */
	async afterwards(cluster: Cluster): Promise<string[]> {
		const aMinute = () => new Promise<void>((resolve) => cluster.world.after(minutes, resolve));
		this.#closed = true;
		await aMinute();
		const began = cluster.world.now;
		for (const worker of readers) cluster.cron(worker, replicateCron);
		await aMinute();
		return contractsInTheEnd(cluster, began);
	}

	checked() {
		return { "versions of contracts": this.#counts.made, "restored catalogues and replicas": this.#counts.restored };
	}
}

type ReplicaCopy = Readonly<Record<"contract_versions" | "replicas", Record<string, string | number | null>[]>>;

const copyOf = (database: SqliteDatabase): ReplicaCopy => ({
	contract_versions: database.all("select * from contract_versions"),
	replicas: database.all("select * from replicas"),
});

function restore(database: SqliteDatabase, copy: ReplicaCopy): void {
	database.all("insert into restoring values (1)");
	for (const [table, rows] of Object.entries(copy)) {
		database.all(`delete from ${table}`);
		for (const row of rows) {
			const names = Object.keys(row);
			database.all(
				`insert into ${table} (${names.join(", ")}) values (${names.map(() => "?").join(", ")})`,
				...Object.values(row),
			);
		}
	}
	database.all("delete from restoring");
}
