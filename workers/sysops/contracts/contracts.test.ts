import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { askStaff, type ContractBody, contractsPath, givenContract, someTerms } from "../../../shared/testing/contracts.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { administratorEmail, migrateSysops, serveCerts, staffEmail } from "../../../shared/testing/staff.ts";

beforeAll(async () => {
	serveCerts();
	await migrateSysops();
});

const dearer = { ...someTerms, price: { amountMinor: 1490, currency: "EUR" } };
const change = (id: string, basedOn: number, terms: object = dearer) =>
	askStaff<ContractBody & { code?: string }>("PUT", `${contractsPath}/${id}`, { body: { basedOn, terms } });
const withdraw = (id: string) =>
	askStaff<ContractBody & { code?: string }>("POST", `${contractsPath}/${id}/withdrawal`, { body: {} });
const auditOf = (id: string) =>
	rowsOf<{ actor: string; action: string; before: string | null; after: string }>(
		env.SYSOPS_DB,
		"select actor, action, before, after from audit where subject = ? order by json_extract(after, '$.version')",
		id,
	);
const versionsOf = async (id: string) =>
	(await askStaff<{ versions: ContractBody[] }>("GET", `${contractsPath}/${id}`)).body.versions;

describe("a new contract", () => {
	it("is answered with its first version and where it is, and stands in the catalogue", async () => {
		const answer = await askStaff<ContractBody>("POST", contractsPath, { body: someTerms });

		expect(answer.status).toBe(201);
		expect(answer.body).toMatchObject({ id: expect.stringMatching(/^ctr_00/), withdrawn: false, terms: someTerms });
		expect(answer.body.version).toBe(Date.parse(answer.body.createdAt));
		expect(answer.headers.get("location")).toBe(`${contractsPath}/${answer.body.id}`);
		expect(await versionsOf(answer.body.id)).toMatchObject([{ version: answer.body.version, terms: someTerms }]);
	});

	it("is noted with who made it and what it says", async () => {
		const { id, version } = await givenContract();

		const [row, ...others] = await auditOf(id);

		expect(others).toEqual([]);
		expect(row).toMatchObject({ actor: administratorEmail, action: "contract_created", before: null });
		expect(JSON.parse(row?.after ?? "")).toEqual({ version, withdrawn: false, terms: someTerms });
	});

	it("is another one for another administrator, whose Idempotency-Key is the same by chance", async () => {
		const email = "other-administrator@squad.example";
		await env.SYSOPS_DB.prepare("insert into staff (email, role) values (?, 'administrator')").bind(email).run();
		const headers = { "idempotency-key": "chance" };
		const mine = await askStaff<ContractBody>("POST", contractsPath, { body: someTerms, headers });

		const theirs = await askStaff<ContractBody>("POST", contractsPath, { body: dearer, headers, email });

		expect([mine.status, theirs.status]).toEqual([201, 201]);
		expect(theirs.body).toMatchObject({ terms: dearer });
		expect(theirs.body.id).not.toBe(mine.body.id);
	});

	it("is made once for one Idempotency-Key, and found again as it is by then", async () => {
		const headers = { "idempotency-key": "once" };
		const make = () => askStaff<ContractBody>("POST", contractsPath, { body: someTerms, headers });
		const answers = await Promise.all([make(), make(), make()]);
		const [{ body: first } = { body: await givenContract() }] = answers;

		expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
		expect(await auditOf(first.id)).toHaveLength(1);

		const { body: newer } = await change(first.id, first.version);
		expect(await make()).toMatchObject({ status: 201, body: newer });
	});

	it("row 32: same key, other terms: 422, and the first result is kept", async () => {
		const headers = { "idempotency-key": "another" };
		const first = await askStaff<ContractBody>("POST", contractsPath, { body: someTerms, headers });
		const before = await contentsOf(env.SYSOPS_DB);

		const answer = await askStaff("POST", contractsPath, { body: dearer, headers });

		expect(answer).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
		expect(await askStaff("POST", contractsPath, { body: someTerms, headers })).toMatchObject({ status: 201, body: first.body });
	});

	it("is refused with 400 under a key that is none", async () => {
		const answer = await askStaff("POST", contractsPath, { body: someTerms, headers: { "idempotency-key": "two words" } });

		expect(answer).toMatchObject({ status: 400, body: { code: "malformed_idempotency_key" } });
	});
});

describe("a change", () => {
	it("is a new version; the one before stays as it was", async () => {
		const first = await givenContract();

		const { status, body: second } = await change(first.id, first.version);

		expect(status).toBe(200);
		expect(second).toMatchObject({ id: first.id, withdrawn: false, terms: dearer });
		expect(second.version).toBeGreaterThan(first.version);
		expect(await versionsOf(first.id)).toMatchObject([
			{ version: second.version, terms: dearer },
			{ version: first.version, terms: someTerms },
		]);
		const [, row] = await auditOf(first.id);
		expect(row).toMatchObject({ actor: administratorEmail, action: "contract_changed" });
		expect(JSON.parse(row?.before ?? "")).toEqual({ version: first.version, withdrawn: false, terms: someTerms });
		expect(JSON.parse(row?.after ?? "")).toEqual({ version: second.version, withdrawn: false, terms: dearer });
	});

	it("rises over the version before even when that one is of the future", async () => {
		const { id, version } = await givenContract();
		await env.SYSOPS_DB.prepare("update contract_versions set version = version + 1000000 where contract_id = ?").bind(id).run();

		expect((await change(id, version + 1_000_000)).body.version).toBe(version + 1_000_001);
	});

	it("on what is not the newest is a conflict and changes nothing", async () => {
		const { id, version } = await givenContract();
		await change(id, version);
		const before = await contentsOf(env.SYSOPS_DB);

		for (const basedOn of [version, version + 1, 1]) {
			expect(await change(id, basedOn)).toMatchObject({ status: 409, body: { code: "version_conflict" } });
		}
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});

	it("by two at the same time succeeds for one of them", async () => {
		const { id, version } = await givenContract();

		const answers = await Promise.all([change(id, version), change(id, version), change(id, version)]);

		expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
		expect(await versionsOf(id)).toHaveLength(2);
		expect(await auditOf(id)).toHaveLength(2);
	});

	it.each([newId("ctr", "00"), "ctr_00", "%27%20or%201=1"])("of %s: 404, and nothing is written", async (id) => {
		const before = await contentsOf(env.SYSOPS_DB);

		expect(await change(id, 1)).toMatchObject({ status: 404, body: { code: "not_found" } });
		expect(await withdraw(id)).toMatchObject({ status: 404, body: { code: "not_found" } });
		expect(await askStaff("GET", `${contractsPath}/${id}`)).toMatchObject({ status: 404, body: { code: "not_found" } });
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});
});

describe("a withdrawal", () => {
	it("is a last version with the terms of the one before", async () => {
		const { id, version } = await givenContract();

		const { status, body } = await withdraw(id);

		expect({ status, ...body }).toMatchObject({ status: 200, withdrawn: true, terms: someTerms });
		expect(body.version).toBeGreaterThan(version);
		expect((await auditOf(id)).map(({ action }) => action)).toEqual(["contract_created", "contract_withdrawn"]);
	});

	it("is final: repeating it changes nothing, and changing it is refused", async () => {
		const { id } = await givenContract();
		const { body: last } = await withdraw(id);
		const before = await contentsOf(env.SYSOPS_DB);

		expect(await withdraw(id)).toMatchObject({ status: 200, body: last });
		expect(await change(id, last.version)).toMatchObject({ status: 409, body: { code: "contract_withdrawn" } });
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});
});

describe("who may do what", () => {
	it("every role reads the catalogue; only an administrator changes it", async () => {
		const { id, version } = await givenContract();
		const before = await contentsOf(env.SYSOPS_DB);

		for (const [method, path, body] of [
			["POST", contractsPath, someTerms],
			["PUT", `${contractsPath}/${id}`, { basedOn: version, terms: dearer }],
			["POST", `${contractsPath}/${id}/withdrawal`, {}],
			["PUT", `${contractsPath}/${id}/versions/1`, { digest: 1, terms: dearer }],
		] as const) {
			const answer = await askStaff(method, path, { body, email: staffEmail });
			expect(answer, path).toMatchObject({ status: 403, body: { code: "not_permitted" } });
		}
		for (const path of [contractsPath, `${contractsPath}/${id}`]) {
			const answer = await askStaff("GET", path, { email: staffEmail });
			expect({ status: answer.status, cache: answer.headers.get("cache-control") }).toEqual({ status: 200, cache: "no-store" });
		}
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});

	it("nobody else does anything", async () => {
		for (const [method, path] of [
			["GET", contractsPath],
			["GET", `${contractsPath}/ctr_00`],
			["POST", contractsPath],
			["PUT", `${contractsPath}/ctr_00`],
			["POST", `${contractsPath}/ctr_00/withdrawal`],
			["PUT", `${contractsPath}/ctr_00/versions/1`],
		] as const) {
			const visitor = await askStaff(method, path, { email: "visitor@squad.example" });
			expect(visitor, path).toMatchObject({ status: 403, body: { code: "not_staff" } });
			const nobody = await askStaff(method, path, { headers: { "cf-access-jwt-assertion": "" } });
			expect(nobody, path).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
		}
	});
});
