import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";

/** The root of the repository. */
export const root = join(import.meta.dirname, "..");

const bin = join(root, "node_modules", ".bin");

/** wrangler without telemetry, without a look at the network for request data, without questions; plain text from all. */
export const quietEnvironment: Readonly<Record<string, string>> = {
	WRANGLER_SEND_METRICS: "false",
	CLOUDFLARE_CF_FETCH_ENABLED: "false",
	WRANGLER_HIDE_BANNER: "true",
	CI: "true",
	NO_COLOR: "1",
};

export interface Ran {
	readonly ok: boolean;
	/** What it printed, errors included; empty when it had the terminal. */
	readonly output: string;
}

interface Options {
	readonly env?: Readonly<Record<string, string>>;
	readonly cwd?: string;
	/** Gives it the terminal, to ask and be answered. */
	readonly terminal?: boolean;
}

/** Runs an installed tool (a name in node_modules/.bin) to its end. Never rejects for a tool that fails. */
export function run(
	tool: string,
	args: readonly string[],
	{ env = {}, cwd = root, terminal = false }: Options = {},
): Promise<Ran> {
	const path = `${bin}${delimiter}${process.env.PATH ?? ""}`; // the Node of node_modules first: the tools need 22 or newer
	const child = spawn(join(bin, tool), args, {
		cwd,
		env: { ...process.env, ...quietEnvironment, PATH: path, ...env },
		stdio: terminal ? "inherit" : ["ignore", "pipe", "pipe"],
	});
	const printed: string[] = [];
	for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text: string) => printed.push(text));
	return new Promise((resolve, reject) => {
		child.once("error", reject);
		child.once("close", (code) => resolve({ ok: code === 0, output: printed.join("") }));
	});
}
