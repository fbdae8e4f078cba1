import { beforeEach, describe, expect, it } from "vitest";
import type { Ctx } from "../../shared/context.ts";
import { digestOf } from "../../shared/contracts/checksum.ts";
import type { FeedPage, WithContractFeed } from "../../shared/contracts/feed.ts";
import { replicaAge, replicateContracts } from "../../shared/contracts/replicate.ts";
import { topology } from "../../shared/events/topology.ts";
import { health } from "../../shared/messaging/health.ts";
import { contentsOf } from "../../shared/testing/contents.ts";
import { someTerms } from "../../shared/testing/contracts.ts";
import { type Observed, rowsOf } from "../../shared/testing/database.ts";
import { newId } from "../../shared/testing/fixtures.ts";
import { createQuanta, type Quanta } from "../../shared/testing/quanta.ts";
import { minutes } from "../../shared/time.ts";
import { changeContract } from "../../workers/sysops/contracts/change-contract.ts";
import type { Contract } from "../../workers/sysops/contracts/contract.ts";
import { createContract } from "../../workers/sysops/contracts/create-contract.ts";
import { readFeed } from "../../workers/sysops/contracts/read-feed.ts";
import { restoreVersion } from "../../workers/sysops/contracts/restore-version.ts";
import { withdrawContract } from "../../workers/sysops/contracts/withdraw-contract.ts";

const actor = { email: "administrator@squad.example", role: "administrator" } as const;

let quanta: Quanta;
/** What stands between a replica and the feed: by default nothing. */
let onTheWay: (page: FeedPage) => unknown;
/** The numbers that were asked for. */
let asked: number[];

beforeEach(() => {
	quanta = createQuanta(topology);
	onTheWay = (page) => page;
	asked = [];
});

const contractFeed: WithContractFeed["contractFeed"] = {
	async page(input) {
		asked.push(input.after);
		return onTheWay(await readFeed({ ctx: quanta.ctx("sysops"), input }));
	},
};
const reader = (worker: "customer" | "billing" = "customer"): Ctx & WithContractFeed => ({ ...quanta.ctx(worker), contractFeed });

async function replicate(worker: "customer" | "billing" = "customer", budget?: number): Promise<void> {
	quanta.now += 5 * minutes;
	await replicateContracts(reader(worker), budget);
}

function create(name: string): Promise<Contract> {
	quanta.now += 1;
	const input = { actor, terms: { ...someTerms, name }, idempotencyKey: undefined };
	return createContract({ ctx: quanta.ctx("sysops"), input });
}

function change({ id: contractId, version: basedOn }: Contract, name: string): Promise<Contract> {
	quanta.now += 1;
	const input = { actor, contractId, basedOn, terms: { ...someTerms, name } };
	return changeContract({ ctx: quanta.ctx("sysops"), input });
}

function withdraw({ id: contractId }: Contract): Promise<Contract> {
	quanta.now += 1;
	return withdrawContract({ ctx: quanta.ctx("sysops"), input: { actor, contractId } });
}

/** So many contracts, the one with the highest number last. */
async function createMany(count: number): Promise<void> {
	const names = Array.from({ length: count }, (_, i) => `contract ${String(i).padStart(3, "0")}`);
	await Promise.all(names.slice(0, -1).map(create));
	await create(names.at(-1) ?? "");
}

/** The names on offer in a shard. */
async function offered(database: Observed = quanta.databases.customer00): Promise<string[]> {
	const text = "select terms->>'$.name' as name from contract_versions where offered order by name";
	return (await rowsOf<{ name: string }>(database, text)).map(({ name }) => name);
}
const versionsIn = async (database: Observed = quanta.databases.customer00) =>
	rowsOf<{ name: string; version: number }>(
		database,
		"select terms->>'$.name' as name, version from contract_versions order by name, version",
	);
const stateOf = async (database: Observed = quanta.databases.customer00) =>
	(await rowsOf(database, "select seq, generation, complete_generation as complete from replicas"))[0];

describe("a replica", () => {
	it("has what is in the catalogue, in every shard of customer and billing", async () => {
		await create("television");
		await create("radio");

		await replicate("customer");
		await replicate("billing");

		const { customer00, customer01, billing00, billing01 } = quanta.databases;
		for (const shard of [customer00, customer01, billing00, billing01]) {
			expect(await offered(shard)).toEqual(["radio", "television"]);
		}
		const [row] = await rowsOf<{ terms: string }>(billing01, "select terms from contract_versions where offered order by seq");
		expect(JSON.parse(row?.terms ?? "")).toEqual({ ...someTerms, name: "television" });
	});

	it("offers the newest version that is not withdrawn, and keeps the others", async () => {
		const [television, radio] = [await create("television"), await create("radio")];
		await replicate();
		await change(television, "television, changed");
		await withdraw(radio);

		await replicate();

		expect(await offered()).toEqual(["television, changed"]);
		expect((await versionsIn()).map(({ name }) => name)).toEqual(["radio", "radio", "television", "television, changed"]);
	});

	it("has versions in a currency that is not sold in any more, and what comes after them", async () => {
		const ctx = quanta.ctx("sysops");
		const terms = { ...someTerms, name: "of before", price: { amountMinor: 1290, currency: "ISK" } };
		const old = { contractId: newId("ctr", "00"), version: 1, terms };
		const digest = await digestOf(ctx, { ...old, withdrawn: false });
		await restoreVersion({ ctx, input: { actor, ...old, digest } });
		await create("television");

		await replicate("customer");
		await replicate("billing");

		expect(await offered()).toEqual(["of before", "television"]);
		expect(await offered(quanta.databases.billing01)).toEqual(["of before", "television"]);
	});

	it("asks only for what comes after what it has", async () => {
		await create("television");
		await replicate();
		asked = [];

		await replicate();
		await create("radio");
		await replicate();

		expect(asked).toEqual([1, 1, 1, 1]); // two runs, two shards
		expect(await offered()).toEqual(["radio", "television"]);
	});

	it("comes page by page, and offers nothing before the first pass is complete", { timeout: 20_000 }, async () => {
		await createMany(120);

		await replicate("customer", 1);
		const early = await Promise.all([quanta.databases.customer00, quanta.databases.customer01].map((shard) => offered(shard)));
		await replicate("customer", 3);

		expect(early).toEqual([[], []]);
		const { customer00, customer01 } = quanta.databases;
		expect([(await offered(customer00)).length, (await offered(customer01)).length]).toEqual([120, 120]);
	});

	it("is not moved by two runs at the same time", async () => {
		await createMany(5);

		await Promise.all([1, 2, 3].map(() => replicateContracts(reader())));

		expect(await stateOf()).toEqual({ seq: 5, generation: 1, complete: 1 });
		expect(await offered()).toHaveLength(5);
	});

	it("ignores a page that comes after another run has begun again", async () => {
		const television = await create("television");
		// given a run that waits for its first page while another one reads it, sysops is put back, and a third begins again
		const [arrived, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
		onTheWay = (page) => {
			arrived.resolve();
			return held.promise.then(() => page);
		};
		const slow = replicateContracts(reader());
		await arrived.promise;
		onTheWay = (page) => page;
		await replicate();
		await quanta.databases.sysops.prepare("delete from contract_versions").run();
		await create("radio");
		await replicate();
		const { customer00, customer01 } = quanta.databases;
		const versions = async () => (await contentsOf(customer00, customer01)).map((tables) => tables["contract_versions"]);
		const before = await versions();

		held.resolve();
		await slow;

		expect(await versions()).toEqual(before);
		expect([await offered(customer00), await offered(customer01)]).toEqual([["radio"], ["radio"]]);
		expect(await versionsIn()).toContainEqual({ name: "television", version: television.version });
	});
});

describe("a catalogue that was put back to an older time", () => {
	const forget = (count: number) =>
		quanta.databases.sysops
			.prepare("delete from contract_versions where seq > (select max(seq) from contract_versions) - ?")
			.bind(count)
			.run();

	it("is noticed when its end is before the replica's: what it has lost is no longer offered, and stays known", async () => {
		await create("television");
		await create("radio");
		await replicate();
		await forget(1);

		await replicate();

		expect(await offered()).toEqual(["television"]);
		expect((await versionsIn()).map(({ name }) => name)).toEqual(["radio", "television"]);
	});

	it("is noticed when its end is where the replica's is, or behind it", async () => {
		const television = await create("television");
		await create("radio");
		await replicate();
		await forget(1);
		await create("telephone");

		await replicate();
		expect(await offered()).toEqual(["telephone", "television"]);

		await forget(1);
		await change(television, "television, changed");
		await create("computer");
		await replicate();
		expect(await offered()).toEqual(["computer", "television, changed"]);
		expect(await stateOf()).toEqual({ seq: 3, generation: 3, complete: 3 });
	});

	it("brings back what had been withdrawn since", async () => {
		const television = await create("television");
		await withdraw(television);
		await replicate();
		expect(await offered()).toEqual([]);
		await forget(1);

		await replicate();

		expect(await offered()).toEqual(["television"]);
	});

	it("leaves everything on offer until the new pass is complete", { timeout: 20_000 }, async () => {
		await createMany(110);
		await replicate();
		await forget(1);
		await create("new");

		await replicate("customer", 2); // notices, and reads one page of two
		const during = await offered();
		await replicate();

		expect(during).toHaveLength(110);
		expect(during).not.toContain("new");
		expect(await offered()).toEqual([...during.filter((name) => name !== "contract 109"), "new"]);
	});

	it("may be empty", async () => {
		await create("television");
		await replicate();
		await forget(1);

		await replicate();

		expect(await offered()).toEqual([]);
		expect(await stateOf()).toEqual({ seq: 0, generation: 2, complete: 2 });
	});
});

describe("a feed that is away or answers nonsense changes nothing, and fails nobody:", () => {
	const one =
		<T>(change: (version: FeedPage["versions"][number]) => T) =>
		(page: FeedPage) => ({
			...page,
			versions: page.versions.map((version, i) => (i === 1 ? change(version) : version)),
		});

	it.each<[string, (page: FeedPage) => unknown]>([
		[
			"no answer",
			() => {
				throw new Error("sysops is down");
			},
		],
		["nothing", () => undefined],
		["a page without versions", ({ latest, checksum }) => ({ latest, checksum })],
		["a version without terms", one(({ terms: _, ...version }) => version)],
		[
			"a version with another price",
			one((version) => ({ ...version, terms: { ...version.terms, price: { amountMinor: 1, currency: "EUR" } } })),
		],
		["a version that is withdrawn", one((version) => ({ ...version, withdrawn: true }))],
		["a version missing", (page) => ({ ...page, versions: page.versions.toSpliced(1, 1) })],
		["the last version missing", (page) => ({ ...page, versions: page.versions.slice(0, -1) })],
		["a version twice", (page) => ({ ...page, versions: [...page.versions, ...page.versions.slice(-1)] })],
		["another order", (page) => ({ ...page, versions: page.versions.toReversed() })],
		["too many", (page) => ({ ...page, versions: Array.from({ length: 101 }, () => page.versions[0]) })],
		["another checksum", (page) => ({ ...page, checksum: `${page.checksum}1` })],
		["an end before its own last version", (page) => ({ ...page, latest: 1 })],
	])("%s", async (_, fault) => {
		await create("television");
		await create("radio");
		await replicate();
		await create("telephone");
		await create("computer");
		await create("console");
		const [replicas] = await contentsOf(quanta.databases.customer00);

		onTheWay = fault;
		await replicate();

		expect((await contentsOf(quanta.databases.customer00))[0]?.["contract_versions"]).toEqual(replicas?.["contract_versions"]);
		expect(quanta.logged("alarm")).toEqual([]);
		expect(quanta.logged("warn")).not.toEqual([]);
		// and when it is well again, so is the replica
		onTheWay = (page) => page;
		await replicate();
		expect(await offered()).toEqual(["computer", "console", "radio", "telephone", "television"]);
	});

	it("a first page that is wrong is not asked for again before the next run: beginning again would mend nothing", async () => {
		await createMany(2);
		onTheWay = (page) => ({ ...page, versions: page.versions.slice(1) });

		await replicate();

		expect(asked).toEqual([0, 0]); // of two shards
		expect(await stateOf()).toEqual({ seq: 0, generation: 1, complete: 0 });
	});

	it("a later page that stays wrong makes a run begin again once, not until its budget is spent", {
		timeout: 20_000,
	}, async () => {
		await createMany(102);
		onTheWay = (page) => (page.versions.length > 50 ? page : { ...page, versions: page.versions.slice(1) });

		await replicate();

		expect(asked).toEqual([0, 100, 0, 100, 0, 100, 0, 100]); // of two shards
	});

	it("a feed that promises more than it gives is not asked again before the next run", async () => {
		await create("television");
		onTheWay = (page) => ({ ...page, latest: 1_000_000 });

		await replicate("customer", 9);

		expect(asked).toEqual([0, 1, 0, 1]); // of two shards
		expect(await offered()).toEqual([]);
	});
});

describe("a shard that does not answer", () => {
	it("does not stop the others, and is made up for", async () => {
		await create("television");
		quanta.databases.customer00.down = true;

		await expect(replicate()).rejects.toThrow("the database is down");

		expect(await offered(quanta.databases.customer01)).toEqual(["television"]);
		quanta.databases.customer00.down = false;
		await replicate();
		expect(await offered()).toEqual(["television"]);
	});

	it("whose answers are lost has a right replica all the same", async () => {
		await createMany(3);
		quanta.databases.customer00.answersToLose = 2;
		await replicate().catch(() => undefined);
		await replicate().catch(() => undefined);

		await replicate();

		expect(await offered()).toHaveLength(3);
		expect(await stateOf()).toMatchObject({ seq: 3, generation: 1 });
	});
});

describe("health", () => {
	it("tells how old each replica is, and does not fail by it", async () => {
		const ages = async () => (await health(reader(), replicaAge)).shards.map(({ replicaSeconds }) => replicaSeconds);
		expect(await ages()).toEqual([null, null]);

		await replicate();
		quanta.now += 90_700;
		expect(await ages()).toEqual([90, 90]);

		onTheWay = () => undefined;
		await replicate();
		expect(await ages()).toEqual([390, 390]);
	});
});
