import { env, exports } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { fill } from "../../../shared/testing/backlog.ts";
import { vaultKek } from "../../../shared/testing/bindings.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { accessToken, administratorEmail, serveCerts, staffEmail } from "../../../shared/testing/staff.ts";

beforeAll(async () => {
	await migrateDatabases();
	await env.BILLING_DB_00.prepare(
		"insert into staff values (?, 'helpdesk'), ('expert@squad.example', 'expert'), (?, 'administrator')",
	)
		.bind(staffEmail, administratorEmail)
		.run();
});
beforeEach(() => {
	serveCerts();
});
afterEach(() => {
	vi.unstubAllGlobals();
});

async function get(token?: string): Promise<Response> {
	const headers: Record<string, string> = token === undefined ? {} : { "cf-access-jwt-assertion": token };
	return exports.default.fetch(new Request("https://billing.test/api/v1/vault", { headers }));
}
const read = async () => (await get(await accessToken({ email: administratorEmail }))).json();

const sealUnder = (database: D1Database, kekId: string, count: number) =>
	fill(database, "vault", count, {
		card_id: `printf('${kekId}%026d', i)`,
		customer_id: "''",
		kek_id: `'${kekId}'`,
		wrapped_key: "''",
		sealed_card: "''",
		sealed_at: 0,
	});

it("an administrator sees which key seals, and which other ones still hold cards in which shard, and no cache keeps it", async () => {
	const answer = await get(await accessToken({ email: administratorEmail }));
	expect(answer.status).toBe(200);
	expect(answer.headers.get("cache-control")).toBe("no-store");
	const [none, empty] = [
		{ shard: "00", kekId: vaultKek.id, others: [] },
		{ shard: "01", kekId: vaultKek.id, others: [] },
	];
	expect(await answer.json()).toEqual({ shards: [none, empty] });

	await sealUnder(env.BILLING_DB_00, vaultKek.id, 3);
	await sealUnder(env.BILLING_DB_00, "a-lost-kek", 2);
	await sealUnder(env.BILLING_DB_00, "z-kek", 1);
	const others = [
		{ kekId: "a-lost-kek", present: false },
		{ kekId: "z-kek", present: false },
	];
	expect(await read()).toEqual({ shards: [{ ...none, others }, empty] });

	await env.BILLING_DB_00.prepare("delete from vault where kek_id = 'z-kek'").run();
	expect(await read()).toEqual({ shards: [{ ...none, others: others.slice(0, 1) }, empty] });
});

it("nobody else sees it", async () => {
	const answers = [
		await get(),
		await get(await accessToken({ email: administratorEmail, forged: true })),
		await get(await accessToken({ email: "stranger@squad.example" })),
		await get(await accessToken({ email: "expert@squad.example" })),
		await get(await accessToken({ email: staffEmail })),
	];

	expect(answers.map(({ status }) => status)).toEqual([401, 401, 403, 403, 403]);
});
