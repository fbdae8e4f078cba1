import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { WorkerConfig } from "./configs.ts";
import { home, isDefaultHome } from "./home.ts";
import { type DevKeys, publicPart } from "./keys.ts";

export const gatewayFolder = import.meta.dirname + "/gateway";

/** The development issuer of Access tokens, and the audience that every Worker of the stack stands for. */
export const accessIssuer = (port: number) => `http://localhost:${port}/__dev/access`;
export const accessAudience = "development";

/**
 * wrangler looks for this file beside each Worker's configuration. A stack with a home of its own has its own, so that
 * it can run beside the developer's.
 */
export const varsFile = isDefaultHome ? ".dev.vars" : `.wrangler/vars-${createHash("sha256").update(home).digest("hex").slice(0, 12)}`;

/** Gives every Worker those of its secrets and variables that its own configuration declares, and the gateway its own. */
export function writeVars(workers: readonly WorkerConfig[], keys: DevKeys, port: number): void {
	const publicKeys = Object.entries(keys.signing).map(([worker, key]) => [worker, [publicPart(key)]]);
	for (const { worker, folder, vars, secrets } of workers) {
		const values: Record<string, string> = {
			SIGNING_KEY: JSON.stringify(keys.signing[worker]),
			PUBLIC_KEYS: JSON.stringify(Object.fromEntries(publicKeys)),
			SESSION_KEYS: JSON.stringify({ [keys.session.kid]: keys.session.secret }),
			FIRST_RESEND_SECONDS: "5",
			ACCESS_ISSUER: accessIssuer(port),
			ACCESS_AUDIENCE: accessAudience,
		};
		write(folder, Object.entries(values).filter(([name]) => name in vars || secrets.required.includes(name)));
	}
	write(gatewayFolder, [
		["CRONS", JSON.stringify(Object.fromEntries(workers.map(({ worker, triggers }) => [worker, triggers.crons])))],
		["ACCESS_KEYS", JSON.stringify({ keys: [{ ...publicPart(keys.access), use: "sig" }] })],
	]);
}

/** Only a stack with a home of its own cleans up: the developer's file stays for `wrangler dev` by hand. */
export function removeVars(workers: readonly WorkerConfig[]): void {
	if (isDefaultHome) return;
	for (const folder of [gatewayFolder, ...workers.map((worker) => worker.folder)]) rmSync(join(folder, varsFile), { force: true });
}

/** Single quotes: dotenv takes what is between them as it is. */
function write(folder: string, values: [name: string, value: string][]): void {
	const path = join(folder, varsFile);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, values.map(([name, value]) => `${name}='${value}'\n`).join(""), { mode: 0o600 });
}
