import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { digestOf } from "../../../shared/contracts/checksum.ts";
import type { ContractTerms } from "../../../shared/contracts/feed.ts";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { askStaff, type ContractBody, contractsPath, givenContract, someTerms } from "../../../shared/testing/contracts.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { neighbour } from "../../../shared/testing/messages.ts";
import { administratorEmail, migrateSysops, serveCerts } from "../../../shared/testing/staff.ts";
import { sysopsCtx } from "../context.ts";
import { readFeed } from "./read-feed.ts";

beforeAll(async () => {
	serveCerts();
	await migrateSysops();
});

const digest = (contractId: string, version: number, terms: ContractTerms = someTerms) =>
	digestOf(neighbour("sysops"), { contractId, version, withdrawn: false, terms });
const restore = (id: string, version: number | string, body: object) =>
	askStaff<ContractBody & { code?: string; errors?: object[] }>("PUT", `${contractsPath}/${id}/versions/${version}`, { body });
const forget = (id: string) => env.SYSOPS_DB.prepare("delete from contract_versions where contract_id = ?").bind(id).run();
const newestOf = async (id: string) => (await askStaff<{ versions: ContractBody[] }>("GET", `${contractsPath}/${id}`)).body;

describe("a version that the catalogue has forgotten", () => {
	it("is taken back as it was, at the end of the feed, and noted with who did it", async () => {
		const { id, version } = await givenContract();
		await forget(id);
		await givenContract();

		const answer = await restore(id, version, { digest: await digest(id, version), terms: someTerms });

		expect(answer).toMatchObject({ status: 200, body: { id, version, withdrawn: false, terms: someTerms } });
		const ctx = sysopsCtx(env, { waitUntil() {} });
		const { versions, latest } = await readFeed({ ctx, input: { after: 0 } });
		expect(versions.at(-1)).toEqual({ seq: latest, contractId: id, version, withdrawn: false, terms: someTerms });
		const text = "select actor, before, after from audit where subject = ? and action = 'contract_restored'";
		const [row, ...others] = await rowsOf<{ actor: string; before: null; after: string }>(env.SYSOPS_DB, text, id);
		expect(others).toEqual([]);
		expect(row).toMatchObject({ actor: administratorEmail, before: null });
		expect(JSON.parse(row?.after ?? "")).toEqual({ version, withdrawn: false, terms: someTerms });
	});

	it("that is older than what there is stays behind it, and a change follows upon the newest", async () => {
		const { id, version } = await givenContract();
		const older = version - 1000;

		await restore(id, older, { digest: await digest(id, older), terms: someTerms });

		expect(await newestOf(id)).toMatchObject({ versions: [{ version }, { version: older }] });
		const late = await askStaff("PUT", `${contractsPath}/${id}`, { body: { basedOn: older, terms: someTerms } });
		expect(late).toMatchObject({ status: 409, body: { code: "version_conflict" } });
	});

	it("is taken back in a currency that is not sold in any more, is read as any other, and can be withdrawn", async () => {
		const [id, version] = [newId("ctr", "00"), 1];
		const terms = { ...someTerms, price: { amountMinor: 1290, currency: "ISK" } };

		const answer = await restore(id, version, { digest: await digest(id, version, terms), terms });

		expect(answer).toMatchObject({ status: 200, body: { id, version, terms } });
		expect(await newestOf(id)).toMatchObject({ versions: [{ version, terms }] });
		const { versions, latest } = await readFeed({ ctx: sysopsCtx(env, { waitUntil() {} }), input: { after: 0 } });
		expect(versions.at(-1)).toEqual({ seq: latest, contractId: id, version, withdrawn: false, terms });
		const withdrawn = await askStaff("POST", `${contractsPath}/${id}/withdrawal`, { body: {} });
		expect(withdrawn).toMatchObject({ status: 200, body: { withdrawn: true, terms } });
	});

	it("is taken back once, however often somebody asks", async () => {
		const { id, version } = await givenContract();
		await forget(id);
		const body = { digest: await digest(id, version), terms: someTerms };

		const answers = await Promise.all([1, 2, 3].map(() => restore(id, version, body)));
		const before = await contentsOf(env.SYSOPS_DB);
		answers.push(await restore(id, version, body));

		expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
		expect((await newestOf(id)).versions).toHaveLength(1);
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});
});

describe("nothing is written", () => {
	it.each([
		["another price", { terms: { ...someTerms, price: { amountMinor: 1, currency: "EUR" } } }],
		["another digest", { digest: 1 }],
	])("when %s is given than was published: 422", async (_, wrong) => {
		const { id, version } = await givenContract();
		await forget(id);
		const before = await contentsOf(env.SYSOPS_DB);

		const answer = await restore(id, version, { digest: await digest(id, version), terms: someTerms, ...wrong });

		expect(answer).toMatchObject({ status: 422, body: { code: "invalid_field", errors: [{ field: "digest" }] } });
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});

	it("when the number has been given away with other terms, or to a withdrawal: 409", async () => {
		const { id, version } = await givenContract({ ...someTerms, name: "Another" });
		const { body: last } = await askStaff<ContractBody>("POST", `${contractsPath}/${id}/withdrawal`, { body: {} });
		const before = await contentsOf(env.SYSOPS_DB);

		const other = await restore(id, version, { digest: await digest(id, version), terms: someTerms });
		const terms = { ...someTerms, name: "Another" };
		const withdrawn = await restore(id, last.version, { digest: await digest(id, last.version, terms), terms });

		expect([other, withdrawn]).toMatchObject([
			{ status: 409, body: { code: "version_taken" } },
			{ status: 409, body: { code: "version_taken" } },
		]);
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});

	it.each([
		["ctr_00", "1"],
		[newId("tkt", "00"), "1"],
		[newId("ctr", "00"), "0"],
		[newId("ctr", "00"), "1.5"],
		[newId("ctr", "00"), "1e3"],
		[newId("ctr", "00"), "9999999999999999"],
		[newId("ctr", "00"), "1%27%20or%201=1"],
	])("for %s, version %s: 404", async (id, version) => {
		const before = await contentsOf(env.SYSOPS_DB);

		const answer = await restore(id, version, { digest: await digest(id, Number(version)), terms: someTerms });

		expect(answer).toMatchObject({ status: 404, body: { code: "not_found" } });
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});
});
