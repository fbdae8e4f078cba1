import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { keyValues, publicPart } from "../keys/values.ts";
import type { WorkerConfig } from "./configs.ts";
import { home, isDefaultHome } from "./home.ts";
import type { DevKeys } from "./keys.ts";

/** The development issuer of Access tokens, and the audience that every Worker of the stack stands for. */
export const accessIssuer = (port: number) => `http://localhost:${port}/__dev/access`;
export const accessAudience = "development";

/** Where a stack is reached, and its payment sandbox. */
interface Addresses {
	readonly port: number;
	readonly paymentsUrl: string;
}

/** Who sells, on the invoices of the demo. */
const seller = {
	name: "Penultimate Electronics (demo)",
	street: "1 Repair Way",
	postalCode: "10115",
	city: "Berlin",
	country: "DE",
	taxId: "DE000000000",
	email: "billing@penultimate.example",
};

type Variables = readonly (readonly [name: string, value: string])[];

interface Placed {
	readonly name: string;
	/** The Worker's own configuration. */
	readonly config: string;
	readonly variables: Variables;
}

/**
 * Gives every Worker those of its secrets and variables that its own configuration declares, and the gateway its own, in
 * the `.dev.vars` beside the configuration. Returns the configurations that wrangler is to run, the gateway's first.
 */
export function writeVariables(workers: readonly WorkerConfig[], keys: DevKeys, at: Addresses): string[] {
	return variablesOf(workers, keys, at).map(({ name, config, variables }) => {
		const path = place(name, config);
		writeFileSync(varsFile(path), textOf(variables), { mode: 0o600 });
		return path;
	});
}

/**
 * The same for a stack that runs; returns how many Workers have others than before. wrangler reads `.dev.vars` only when the
 * configuration beside it changes: being touched is enough.
 */
export function refreshVariables(workers: readonly WorkerConfig[], keys: DevKeys, at: Addresses): number {
	const changed = variablesOf(workers, keys, at).filter(({ name, config, variables }) => {
		const path = placeOf(name, config);
		if (readFileSync(varsFile(path), "utf8") === textOf(variables)) return false;
		writeFileSync(varsFile(path), textOf(variables), { mode: 0o600 });
		return true;
	});
	const now = new Date();
	for (const { name, config } of changed) utimesSync(placeOf(name, config), now, now);
	return changed.length;
}

function variablesOf(workers: readonly WorkerConfig[], keys: DevKeys, { port, paymentsUrl }: Addresses): Placed[] {
	const crons = Object.fromEntries(workers.map(({ worker, triggers }) => [worker, triggers.crons]));
	const gateway: Placed = {
		name: "gateway",
		config: join(import.meta.dirname, "gateway/wrangler.toml"),
		variables: [
			["CRONS", JSON.stringify(crons)],
			["ACCESS_KEYS", JSON.stringify({ keys: [{ ...publicPart(keys.access), use: "sig" }] })],
			["SMS_TOKEN", keys.sms],
			["PAYMENT_SANDBOX_URL", paymentsUrl],
			["PAYMENT_KEY", keys.payment],
		],
	};
	const placed = workers.map(({ worker, path, vars, secrets }) => {
		const values = {
			...keyValues(keys, worker),
			SMS_URL: `http://localhost:${port}/__dev/sms`,
			PAYMENT_PROVIDER: "sandbox",
			PAYMENT_SANDBOX_URL: paymentsUrl,
			PAYMENT_WEBHOOK_KEY: "", // the sandbox calls nobody
			CHARGE_DELAY_HOURS: "0",
			PAYMENT_LEASE_SECONDS: "5",
			SELLER: JSON.stringify(seller),
			TAX_RATES: JSON.stringify({ north: 1900, south: 700 }),
			FIRST_RESEND_SECONDS: "5",
			ACCESS_ISSUER: accessIssuer(port),
			ACCESS_AUDIENCE: accessAudience,
			ORIGIN: `http://localhost:${port}`,
			MAIL_FROM: "support@penultimate.example",
		};
		const variables = Object.entries(values).filter(([name]) => name in vars || secrets.required.includes(name));
		return { name: worker, config: path, variables };
	});
	return [gateway, ...placed];
}

const placeOf = (name: string, config: string) => (isDefaultHome ? config : join(home, "config", name, "wrangler.toml"));
const varsFile = (path: string) => join(dirname(path), ".dev.vars");
/** Single quotes: dotenv takes what is between them as it is. */
const textOf = (variables: Variables) => variables.map(([name, value]) => `${name}='${value}'\n`).join("");

/** A stack with a home of its own runs copies of the configurations, so that it has variables of its own as well. */
function place(name: string, config: string): string {
	const path = placeOf(name, config);
	if (path !== config) {
		mkdirSync(dirname(path), { recursive: true });
		const text = readFileSync(config, "utf8").replace(
			/^(main|directory) = "(.*)"$/gm,
			(_, name: string, from: string) => `${name} = "${join(dirname(config), from)}"`,
		);
		// the kill test posts for a few customers what a million would
		const unlimited = process.env["DEV_RATE_LIMITS"] === "off";
		writeFileSync(path, unlimited ? text.replace(/^\[\[ratelimits\]\]\n(?:.+\n)+/gm, "") : text);
	}
	return path;
}
