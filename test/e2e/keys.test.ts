import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { cardHolders } from "../../scripts/chaos/cards.ts";
import { insist, type Target } from "../../scripts/chaos/insist.ts";
import { readStored } from "../../scripts/chaos/stored.ts";
import { freePort, type SpawnedStack, spawnStack } from "../../scripts/dev/spawn.ts";
import { root } from "../../scripts/run.ts";

/** Each rotation restarts the Workers a few times, one after another: it takes as long as the machine is busy. */
const patience = 600_000;

const home = mkdtempSync(join(tmpdir(), "keys-stack-"));
let stack: SpawnedStack;

beforeAll(async () => {
	stack = spawnStack({ home, port: await freePort(), rateLimits: false });
	await stack.ready;
}, 90_000);

afterAll(async () => {
	stack.kill();
	await stack.ended;
	rmSync(home, { recursive: true, force: true });
});

const rotate = (purpose: string) =>
	promisify(execFile)(process.execPath, ["scripts/keys/main.ts", "rotate", ...purpose.split(" ")], {
		cwd: root,
		env: { ...process.env, DEV_STATE: home },
	});

/** As the Worker's environment has it. */
function variable(worker: string, name: string): string {
	const lines = readFileSync(join(home, "config", worker, ".dev.vars"), "utf8").split("\n");
	return lines.find((line) => line.startsWith(`${name}=`)) ?? expect.fail(`${worker} has no ${name}`);
}

/** Lets Cron run until nothing waits to be sent any more. */
const settled = () =>
	vi.waitFor(
		async () => {
			for (const worker of ["customer", "billing"]) {
				await stack.fire(worker, "* * * * *");
				const health = await (await stack.request(worker, "/healthz")).json();
				expect(health).toMatchObject({ shards: [{ oldestOutboxSeconds: null }, { oldestOutboxSeconds: null }] });
			}
		},
		{ timeout: 120_000, interval: 500 },
	);

test("keys are rotated under traffic: nobody is refused, every ticket is received, and every card verified", {
	timeout: patience,
}, async () => {
	// given a session of before the first rotation, which stays good, and one who posts all the time
	const target: Target = { stack, tokens: { ada: await stack.token("ada") }, staffToken: "", inFlight: 0, failed: 0 };
	const headers = { authorization: `Bearer ${target.tokens["ada"]}` };
	const posted: string[] = [];
	let isOver = false;
	const posting = (async () => {
		for (let i = 0; !isOver; i++) {
			const body = { device: "Television", category: "television", text: `No picture ${i}` };
			const { body: ticket } = await insist<{ id: string }>(target, {
				worker: "customer",
				path: "/api/v1/tickets",
				// longer rotations than a token is old: a fresh one, by the key of the moment
				headers: {
					authorization: i === 0 ? headers.authorization : `Bearer ${await stack.token("ada")}`,
					"idempotency-key": `keys-${i}`,
				},
				body,
				until: [202],
			});
			posted.push(ticket.id);
			await wait(300);
		}
	})();
	posting.catch(() => {}); // told below
	// and those who enter cards, and remove some
	const entering = cardHolders(target, { name: "keys", seed: 1, isOver: () => isOver });
	entering.catch(() => {}); // likewise

	// when each kind of key is rotated
	for (const [purpose, worker, name] of [
		["session", "identity", "SESSION_KEYS"],
		["card", "customer", "CARD_PUBLIC_KEYS"],
		["vault", "billing", "VAULT_KEKS"],
		["signing customer", "customer", "SIGNING_KEY"],
	] as const) {
		const before = variable(worker, name);
		const { stdout, stderr } = await Promise.race([rotate(purpose), posting.then(() => expect.fail("nobody posts"))]);
		expect(stdout).toBe("");
		expect(stderr).toContain("The running stack has it.");
		expect(variable(worker, name)).not.toBe(before);
	}
	const afterwards = posted.length;
	while (posted.length < afterwards + 3) await Promise.race([wait(100), posting]);
	isOver = true;
	await posting;
	const entered = await entering;

	// then every ticket is received by the service team
	expect(posted.length).toBeGreaterThan(10);
	const until = Date.now() + 60_000;
	let left = posted;
	while (left.length > 0 && Date.now() < until) {
		const fresh = { authorization: `Bearer ${await stack.token("ada")}` };
		const seen = await Promise.all(
			left.map((id) =>
				insist<{ status: string }>(target, { worker: "customer", path: `/api/v1/tickets/${id}`, headers: fresh, until: [200] }),
			),
		);
		left = left.filter((_, i) => seen[i]?.body.status === "submitted");
		if (left.length > 0) await wait(1000);
	}
	expect(left).toEqual([]);

	// and every card that was not removed is verified, whichever key it was sealed with
	await settled();
	await stack.fire("billing", "47 * * * *");
	const staffToken = await stack.token("--staff", "administrator@penultimate.example");
	const vault = await stack.request("billing", "/api/v1/vault", { headers: { "cf-access-jwt-assertion": staffToken } });
	expect(await vault.json()).toMatchObject({ shards: [{ others: [] }, { others: [] }] });

	// and all of them were signed by keys of before and after: nobody saw one that it did not know
	expect(
		stack.entries.filter(({ message }) => message === "message_not_understood" || message === "message_quarantined"),
	).toEqual([]);

	// and so it is stored: one verdict each, and in the vault once or not at all
	stack.interrupt();
	await stack.ended;
	const stored = readStored(join(home, "state"));
	const rows = (worker: "customer" | "billing", table: string) => stored[worker].flatMap((database) => database[table] ?? []);
	const expected = entered.map(({ cardId, removed }) => [cardId, removed ? "removed" : "verified"]).sort();
	const submitted = rows("customer", "cards").filter(({ brand }) => brand !== null);
	expect(submitted.map(({ id, state }) => [id, state]).sort()).toEqual(expected);
	expect(
		rows("billing", "cards")
			.map(({ card_id, state }) => [card_id, state])
			.sort(),
	).toEqual(expected);
	const kept = expected.filter(([, state]) => state === "verified").map(([cardId]) => cardId);
	expect(
		rows("billing", "vault")
			.map(({ card_id }) => card_id)
			.sort(),
	).toEqual(kept);
	expect(new Set(submitted.map(({ kid }) => kid)).size).toBe(2);
});
