import { CompactEncrypt, importJWK, type JWK } from "jose";
import { describe, expect, test } from "vitest";
import { createJwsSigner } from "../../shared/crypto/jws-signer.ts";
import { signSession, verifySession } from "../../shared/crypto/session-token.ts";
import { joseSurveyTokens } from "../../shared/crypto/survey-token.ts";
import { idOf } from "../../shared/ids.ts";
import type { Random } from "../../shared/testing/random.ts";
import { days, hours, minutes } from "../../shared/time.ts";
import { joseCardKeys } from "../../workers/billing/cards/jose-card-keys.ts";
import type { SealedCard } from "../../workers/billing/vault/vault.ts";
import { webCryptoVault } from "../../workers/billing/vault/web-crypto-vault.ts";
import type { DeployedWorker } from "../workers.ts";
import { pruneRings, rotateRings } from "./commands.ts";
import { Installation, type Isolate } from "./installation.ts";
import { ringsNamed } from "./rings.ts";
import type { Purpose } from "./rotation.ts";

/** Something that a key has made, and until when it has to be good. */
interface Made {
	readonly until: number;
	/** Throws when it is not good. */
	check(verifier: Isolate, now: number): Promise<void>;
}

interface Flow {
	readonly makers: readonly DeployedWorker[];
	readonly verifiers: readonly DeployedWorker[];
	make(maker: Isolate, now: number, random: Random): Promise<Made>;
}

const bytes = new Uint8Array(16);
const customerId = idOf("cus", "00", bytes);
const owner = { cardId: idOf("crd", "00", bytes), customerId };
const value = ({ env }: Isolate, name: string) => env[name] ?? "";
const signerOf = (isolate: Isolate) => createJwsSigner(value(isolate, "SIGNING_KEY"), value(isolate, "PUBLIC_KEYS"));
const vaultOf = (isolate: Isolate) => webCryptoVault(value(isolate, "VAULT_KEKS"), value(isolate, "FINGERPRINT_KEY"));

/** What each kind of key is for, by the product's own code. The vault, whose rows change, has a test of its own. */
const flows: Readonly<Record<Exclude<Purpose, "vault">, Flow>> = {
	signing: {
		makers: ["billing"],
		verifiers: ["customer", "analytics", "billing"],
		async make(maker, now) {
			const token = await signerOf(maker).sign("{}", { audience: "customer", issuedAt: Math.floor(now / 1000) });
			return {
				until: now + 29 * days,
				check: async (verifier) => expect(await signerOf(verifier).verify(token)).toMatchObject({ source: "billing" }),
			};
		},
	},
	session: {
		makers: ["identity"],
		verifiers: ["customer"],
		async make(maker, now) {
			const session = { customerId, sessionId: idOf("ses", "00", bytes) };
			const token = await signSession(session, value(maker, "SESSION_KEYS"), now);
			const check: Made["check"] = async (verifier, at) => {
				expect(await verifySession(token, value(verifier, "SESSION_KEYS"), at, 3600)).toEqual(session);
			};
			return { until: now + hours - 1000, check };
		},
	},
	survey: {
		makers: ["customer", "notification"],
		verifiers: ["customer"],
		async make(maker, now) {
			const token = await joseSurveyTokens(value(maker, "SURVEY_KEYS")).sign({
				surveyId: `srv_${customerId.slice(4)}_1`,
				expiresAt: now + 30 * days,
			});
			return {
				until: now + 30 * days - 1000,
				check: async (verifier, at) =>
					expect(await joseSurveyTokens(value(verifier, "SURVEY_KEYS")).verify(token, at)).toBeDefined(),
			};
		},
	},
	card: {
		makers: ["customer"],
		verifiers: ["billing"],
		async make(maker, now, random) {
			const [key]: JWK[] = JSON.parse(value(maker, "CARD_PUBLIC_KEYS"));
			if (!key) throw new Error("no key for browsers");
			const jwe = await new CompactEncrypt(new TextEncoder().encode("{}"))
				.setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM", kid: String(key.kid) })
				.encrypt(await importJWK(key, "ECDH-ES"));
			const acceptedAt = now + random.between(0, 10 * minutes + 1);
			const check: Made["check"] = async (verifier) => {
				const opened = await joseCardKeys(value(verifier, "CARD_KEYS")).open(jwe);
				if ("failure" in opened) throw new Error(opened.failure);
				expect(opened.retiredAt ?? acceptedAt).toBeGreaterThanOrEqual(acceptedAt);
			};
			return { until: acceptedAt + 15 * days, check };
		},
	},
};

const seeds = Array.from({ length: 8 }, (_, i) => i + 1);

describe("whatever the order of deploys, and however long they take,", () => {
	test.each(Object.entries(flows))("nothing of a %s key is refused in its time", async (purpose, flow) => {
		let retired = 0;
		let destroyed = 0;
		for (const seed of seeds) {
			const world = new Installation(seed);
			const rings = ringsNamed(purpose, purpose === "signing" ? "billing" : undefined);
			let made: Made[] = [];
			for (let action = 0; action < 250; action++) {
				if (world.random.chance(0.3)) made.push(await flow.make(world.of(flow.makers), world.now, world.random));
				if (world.random.chance(0.5)) world.deployOne();
				if (world.random.chance(0.3)) world.operate(rings, true);
				if (world.random.chance(0.2)) world.wait();
				made = made.filter(({ until }) => world.now <= until).slice(-20);
				const one = made[world.random.between(0, made.length)];
				await one?.check(world.of(flow.verifiers), world.now);
			}
			retired += world.retired;
			destroyed += world.destroyed;
		}
		expect(retired).toBeGreaterThan(15); // there was something to go wrong
		expect(destroyed).toBeGreaterThan(10);
	});

	test.each(Object.entries(flows))("what a %s key makes at its last moment outlives no overlap", async (purpose, flow) => {
		const world = new Installation(1);
		const rings = ringsNamed(purpose, purpose === "signing" ? "billing" : undefined);
		const step = (done: boolean) => {
			world.take(rotateRings(world.file, rings, { now: world.now, done }));
			while (world.pending.length > 0) world.deployOne();
		};
		step(false);
		const old = world.of(flow.makers);
		const last = await flow.make({ ...old, env: { ...old.env } }, world.now, world.random);
		step(true);
		step(true);

		world.now = last.until;
		world.take(pruneRings(world.file, world.now));
		while (world.pending.length > 0) world.deployOne();

		await last.check(world.of(flow.verifiers), world.now);
		expect(world.destroyed).toBe(0);
		world.take(pruneRings(world.file, world.now + 62 * days));
		expect(world.destroyed).toBe(1);
	});

	test("every row of the vault opens, as it is and as it was 30 days ago", async () => {
		const secret = { token: "tok_1", expMonth: 1, expYear: 2030 };
		let retired = 0;
		let destroyed = 0;
		for (const seed of seeds) {
			const world = new Installation(seed);
			const rows: SealedCard[] = [];
			let before: { row: SealedCard; until: number }[] = [];
			for (let action = 0; action < 250; action++) {
				const billing = world.of(["billing"]);
				if (world.random.chance(0.1)) rows.push(await vaultOf(billing).seal(secret, owner));
				if (world.random.chance(0.3)) {
					// the job finds those that are not under the key that it uses
					const { kekId } = vaultOf(billing);
					const at = rows.findIndex((row) => row.kekId !== kekId);
					const row = rows[at];
					if (row) {
						rows[at] = { ...row, ...(await vaultOf(billing).rewrap(row, owner)) };
						before.push({ row, until: world.now + 30 * days });
					}
				}
				if (world.random.chance(0.5)) world.deployOne();
				const leaving = world.file.vault?.find(({ state }) => state === "leaving")?.kid;
				if (world.random.chance(0.3)) world.operate(ringsNamed("vault", undefined), !rows.some(({ kekId }) => kekId === leaving));
				if (world.random.chance(0.2)) world.wait();
				before = before.filter(({ until }) => world.now < until);
				const all = [...rows, ...before.map(({ row }) => row)];
				const one = all[world.random.between(0, all.length)];
				if (one) expect(await vaultOf(world.of(["billing"])).open(one, owner)).toEqual(secret);
			}
			retired += world.retired;
			destroyed += world.destroyed;
		}
		expect(retired).toBeGreaterThan(10);
		expect(destroyed).toBeGreaterThan(5);
	});
});
