import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import type { Ctx } from "../../../shared/context.ts";
import { askStaff, type ContractBody, contractsPath, givenContract, someTerms } from "../../../shared/testing/contracts.ts";
import { observe, rowsOf, throughWire } from "../../../shared/testing/database.ts";
import { migrateSysops, serveCerts } from "../../../shared/testing/staff.ts";
import { sysopsCtx } from "../context.ts";
import { withdrawContract } from "./withdraw-contract.ts";

beforeAll(async () => {
	serveCerts();
	await migrateSysops();
});

const actor = { email: "administrator@squad.example", role: "administrator" } as const;
const ctx = () => sysopsCtx(env, { waitUntil() {} });
const versionsOf = async (id: string) =>
	(await askStaff<{ versions: ContractBody[] }>("GET", `${contractsPath}/${id}`)).body.versions;

/** Ports through which something happens after the first look at the contract, before anything is written. */
function meanwhile(happens: () => Promise<unknown>): Ctx {
	let calls = 0;
	const database = throughWire(env.SYSOPS_DB, async (_, work) => {
		calls += 1;
		if (calls === 2) await happens();
		return work();
	});
	return { ...ctx(), databases: { ...ctx().databases, get: () => database } };
}

it("of a contract that is changed in between withdraws what it was changed to", async () => {
	const { id, version } = await givenContract();
	const terms = { ...someTerms, name: "Changed" };
	const late = meanwhile(() => askStaff("PUT", `${contractsPath}/${id}`, { body: { basedOn: version, terms } }));

	const last = await withdrawContract({ ctx: late, input: { actor, contractId: id } });

	expect(last).toMatchObject({ withdrawn: true, terms });
	expect((await versionsOf(id)).map(({ withdrawn }) => withdrawn)).toEqual([true, false, false]);
});

it("of a contract that is withdrawn in between finds it withdrawn, once", async () => {
	const { id } = await givenContract();
	const late = meanwhile(() => withdrawContract({ ctx: ctx(), input: { actor, contractId: id } }));

	const last = await withdrawContract({ ctx: late, input: { actor, contractId: id } });

	expect(await versionsOf(id)).toMatchObject([{ version: last.version, withdrawn: true }, { withdrawn: false }]);
	const text = "select 1 from audit where subject = ? and action = 'contract_withdrawn'";
	expect(await rowsOf(env.SYSOPS_DB, text, id)).toHaveLength(1);
});

it("of a contract that is withdrawn already only looks", async () => {
	const { id } = await givenContract();
	await withdrawContract({ ctx: ctx(), input: { actor, contractId: id } });
	const database = observe(env.SYSOPS_DB);

	await withdrawContract({
		ctx: { ...ctx(), databases: { ...ctx().databases, get: () => database } },
		input: { actor, contractId: id },
	});

	expect(database.calls).toBe(1);
});
