import type { WorkerName } from "../events/topology.ts";

/** Keys that exist in tests only, one pair a Worker: the private ones are here for everybody to read. */
const keys: Readonly<Record<WorkerName, { kty: "OKP"; crv: "Ed25519"; kid: string; x: string; d: string }>> = {
	customer: {
		kty: "OKP",
		crv: "Ed25519",
		kid: "test-customer",
		x: "hgVA2pYne5x12x5uqshCPt5dH9ThX1Pwkb42KzEAFZo",
		d: "U60tVeKgxEp0MgL8AgwT7ybsca4BFU8DojZrq8p3-VU",
	},
	sysops: {
		kty: "OKP",
		crv: "Ed25519",
		kid: "test-sysops",
		x: "vEQJvlSTy85aYUzFWsl_d4YXP4IuTRe0uFQVpQhqzuY",
		d: "F5gVm0fou93G5yGa7JEXfrNCnghhRwhsFFZr104N4TM",
	},
	billing: {
		kty: "OKP",
		crv: "Ed25519",
		kid: "test-billing",
		x: "eUbpCrBcQ3BDh-z225GqMgBVl20qD06jk4U9bXmrjUw",
		d: "Fv3te2eLR36VgKBjkAR2sXP9xyTGWXisV1AyiGJQ10M",
	},
	notification: {
		kty: "OKP",
		crv: "Ed25519",
		kid: "test-notification",
		x: "FvW5UtexX8j5P1TSQsy-FJv8CMd_hex7mNtV-9lAeis",
		d: "w0DeCOO9myGzDXKTxo8Mf9Cyhi2u38nn8vcfQJcB9XI",
	},
	analytics: {
		kty: "OKP",
		crv: "Ed25519",
		kid: "test-analytics",
		x: "I1NLMWlF64A4zJoB0RkcxBp5CscdadOIhXY2_6RH9-Q",
		d: "-jkHeTvC46YgtzqZt8DrXhv4TmCmg8Vq8K-mZdnU_8A",
	},
};

export const signingKey = (worker: WorkerName) => JSON.stringify(keys[worker]);

const hasKey = (worker: string): worker is WorkerName => Object.hasOwn(keys, worker);

export const publicKeys = JSON.stringify(
	Object.fromEntries(Object.entries(keys).map(([worker, { d: _, ...key }]) => [worker, [key]])),
);

/** Signs the session tokens of tests. */
export const sessionKey = { kid: "test-session", secret: "a-secret-that-is-for-tests-only-and-known-to-everybody" } as const;

/** Signs the survey invitations of tests. */
export const surveyKey = { kid: "test-survey", secret: "another-secret-that-is-for-tests-only-and-known-to-all" } as const;

/** Opens the cards of tests. */
export const cardKey = {
	kty: "EC",
	crv: "P-256",
	kid: "eEvkjIHrj3ngCYf_Ku4sL4tiJxluPs2skN8VyQlJQxA",
	x: "7V2BVlBYtkhhvTJsMpGjYjscMpYa6kCJHkFmUjvsADI",
	y: "Vf6vpktLm2UxksiZ1YQ04NAaMuTvZrvBn4RbFBxA9MY",
	d: "q4ELslQAZPpDKoGzviZ5vh1PazIWl4YUb7jlzt6GH_g",
} as const;
const { d: _, ...publicCardKey } = cardKey;

export { publicCardKey };

/** Seals the vault of tests: 32 bytes in base64url. */
export const vaultKek = { id: "test-kek", secret: "a-kek-that-is-for-tests-only-and-not-secret" } as const;

/** What a Worker's secrets and variables are in tests. */
export function testBindings(worker: string) {
	return {
		SIGNING_KEY: hasKey(worker) ? signingKey(worker) : "",
		PUBLIC_KEYS: publicKeys,
		SESSION_KEYS: JSON.stringify({ [sessionKey.kid]: sessionKey.secret }),
		SURVEY_KEYS: JSON.stringify({ [surveyKey.kid]: surveyKey.secret }),
		CARD_KEYS: JSON.stringify([cardKey]),
		CARD_PUBLIC_KEYS: JSON.stringify([publicCardKey]),
		VAULT_KEKS: JSON.stringify({ [vaultKek.id]: vaultKek.secret }),
		FINGERPRINT_KEY: "a-fingerprint-key-for-tests-only-not-secret",
		PAYMENT_PROVIDER: "sandbox",
		PAYMENT_SANDBOX_URL: "https://payments.test",
		PAYMENT_KEY: "a-payment-key-for-tests-only",
		PAYMENT_WEBHOOK_KEY: "whsec_for_tests_only",
		CHARGE_DELAY_HOURS: "24",
		PAYMENT_LEASE_SECONDS: "900",
		TAX_RATES: "{}",
		SMS_URL: "",
		SMS_TOKEN: "",
		FIRST_RESEND_SECONDS: "", // a .dev.vars of the local stack must not reach the tests
		ACCESS_ISSUER: "https://access.test",
		ACCESS_AUDIENCE: "sysops-test",
		ORIGIN: "https://customer.test",
		MAIL_FROM: "support@penultimate.example",
		AUTH_SECRET: "an-auth-secret-that-is-for-tests-only-and-known-to-all",
		CODE_PEPPER: "a-pepper-that-is-for-tests-only-and-known-to-everybody",
	};
}
