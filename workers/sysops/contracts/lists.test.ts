import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { checksumOf, digestOf } from "../../../shared/contracts/checksum.ts";
import { type FeedPage, feedPageSize } from "../../../shared/contracts/feed.ts";
import { askStaff, type ContractBody, contractsPath, givenContract, someTerms } from "../../../shared/testing/contracts.ts";
import { migrateSysops, serveCerts } from "../../../shared/testing/staff.ts";
import { sysopsCtx } from "../context.ts";
import { readFeed } from "./read-feed.ts";

interface Page {
	items: ContractBody[];
	next: string | null;
}

const ctx = sysopsCtx(env, { waitUntil() {} });
const list = async (query: string) => (await askStaff<Page>("GET", `${contractsPath}${query}`)).body;
const feed = (after: number): Promise<FeedPage> => readFeed({ ctx, input: { after } });

/** Four contracts in the order in which they were last changed: the second was changed, then the first withdrawn. */
const ids: string[] = [];
beforeAll(async () => {
	serveCerts();
	await migrateSysops();
	const made: ContractBody[] = [];
	for (const name of ["one", "two", "three", "four"]) made.push(await givenContract({ ...someTerms, name }));
	const [first, second, third, fourth] = made;
	if (!first || !second || !third || !fourth) throw new Error("four were made");
	const terms = { ...someTerms, name: "two, changed" };
	await askStaff("PUT", `${contractsPath}/${second.id}`, { body: { basedOn: second.version, terms } });
	await askStaff("POST", `${contractsPath}/${first.id}/withdrawal`, { body: {} });
	ids.push(third.id, fourth.id, second.id, first.id);
});

describe("GET contracts of the staff", () => {
	it("shows each contract once, in its newest version, what was changed last coming first, page by page", async () => {
		const pages: Page[] = [];
		for (let next: string | null = ""; next !== null && pages.length < 9; next = pages.at(-1)?.next ?? null) {
			pages.push(await list(`?limit=3&cursor=${next}`));
		}

		expect(pages.map(({ items }) => items.length)).toEqual([3, 1]);
		const items = pages.flatMap((page) => page.items);
		expect(items.map(({ id }) => id)).toEqual(ids.toReversed());
		expect(items.map(({ terms }) => terms.name)).toEqual(["one", "two, changed", "four", "three"]);
	});

	it.each([
		["true", ["one"]],
		["false", ["two, changed", "four", "three"]],
	])("shows those that are withdrawn or not: %s", async (withdrawn, names) => {
		const { items, next } = await list(`?withdrawn=${withdrawn}`);

		expect(items.map(({ terms }) => terms.name)).toEqual(names);
		expect(items.map((contract) => String(contract.withdrawn))).toEqual(names.map(() => withdrawn));
		expect(next).toBeNull();
	});

	it.each(["withdrawn=maybe", "limit=0", "cursor=none"])("answers 422 for %s", async (query) => {
		const field = query.split("=")[0];

		expect(await askStaff("GET", `${contractsPath}?${query}`)).toMatchObject({ status: 422, body: { errors: [{ field }] } });
	});
});

describe("the feed", () => {
	it("gives every version in its order, with the last number and a checksum of all of them", async () => {
		const page = await feed(0);

		expect(page.versions.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
		expect(page.versions.map(({ contractId }) => contractId)).toEqual([ids[3], ids[2], ids[0], ids[1], ids[2], ids[3]]);
		expect(page.versions.map(({ withdrawn }) => withdrawn)).toEqual([false, false, false, false, false, true]);
		expect(page.latest).toBe(6);
		const digests = await Promise.all(page.versions.map((version) => digestOf(ctx, version)));
		expect(page.checksum).toBe(checksumOf({ count: 6, last: 6, sum: digests.reduce((sum, digest) => sum + digest, 0) }));
	});

	it("gives what comes after a number, and the checksum of all up to its own end", async () => {
		expect(await feed(4)).toEqual({ ...(await feed(0)), versions: (await feed(0)).versions.slice(4) });
		expect(await feed(6)).toMatchObject({ versions: [], latest: 6, checksum: (await feed(0)).checksum });
		expect(await feed(99)).toMatchObject({ versions: [], latest: 6, checksum: (await feed(0)).checksum });
	});

	it("comes in pages, each with the checksum up to its last version", async () => {
		await env.SYSOPS_DB.prepare(
			`with recursive n(i) as (select 7 union all select i + 1 from n where i < 150)
			insert into contract_versions select i, 'ctr_00' || printf('%026d', i), i, 0, terms, i, 0 from n, contract_versions where seq = 1`,
		).run();

		const first = await feed(0);
		const rest = await feed(first.versions.at(-1)?.seq ?? 0);

		expect([first, rest].map(({ versions, latest }) => [versions.length, latest])).toEqual([
			[feedPageSize, 150],
			[50, 150],
		]);
		expect([first, rest].map(({ checksum }) => checksum.split("-").slice(0, 2).join())).toEqual(["100,100", "150,150"]);
	});

	it("of an empty catalogue is empty", async () => {
		await env.SYSOPS_DB.exec("delete from contract_versions");

		expect(await feed(0)).toEqual({ versions: [], latest: 0, checksum: "0-0-0" });
	});

	it.each([-1, 0.5, "0 or 1=1", null])("has nothing after %j", async (after) => {
		await expect(feed(after as number)).rejects.toThrow(); // whatever another deployment sends
	});
});
