import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { keyValues, publicPart } from "../keys/values.ts";
import type { WorkerConfig } from "./configs.ts";
import { home, isDefaultHome } from "./home.ts";
import type { DevKeys } from "./keys.ts";

/** The development issuer of Access tokens, and the audience that every Worker of the stack stands for. */
export const accessIssuer = (port: number) => `http://localhost:${port}/__dev/access`;
export const accessAudience = "development";

/**
 * Gives every Worker those of its secrets and variables that its own configuration declares, and the gateway its own, in
 * the `.dev.vars` beside the configuration. Returns the configurations that wrangler is to run, the gateway's first.
 */
export function writeVariables(workers: readonly WorkerConfig[], keys: DevKeys, port: number): string[] {
	const crons = Object.fromEntries(workers.map(({ worker, triggers }) => [worker, triggers.crons]));
	const gateway = place("gateway", join(import.meta.dirname, "gateway/wrangler.toml"), [
		["CRONS", JSON.stringify(crons)],
		["ACCESS_KEYS", JSON.stringify({ keys: [{ ...publicPart(keys.access), use: "sig" }] })],
		["SMS_TOKEN", keys.sms],
	]);
	const placed = workers.map(({ worker, path, vars, secrets }) => {
		const values = {
			...keyValues(keys, worker),
			SMS_URL: `http://localhost:${port}/__dev/sms`,
			FIRST_RESEND_SECONDS: "5",
			ACCESS_ISSUER: accessIssuer(port),
			ACCESS_AUDIENCE: accessAudience,
			ORIGIN: `http://localhost:${port}`,
			MAIL_FROM: "support@penultimate.example",
		};
		const declared = Object.entries(values).filter(([name]) => name in vars || secrets.required.includes(name));
		return place(worker, path, declared);
	});
	return [gateway, ...placed];
}

/** A stack with a home of its own runs copies of the configurations, so that it has variables of its own as well. */
function place(name: string, config: string, values: [name: string, value: string][]): string {
	const path = isDefaultHome ? config : join(home, "config", name, "wrangler.toml");
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
	// Single quotes: dotenv takes what is between them as it is.
	const vars = values.map(([name, value]) => `${name}='${value}'\n`);
	writeFileSync(join(dirname(path), ".dev.vars"), vars.join(""), { mode: 0o600 });
	return path;
}
