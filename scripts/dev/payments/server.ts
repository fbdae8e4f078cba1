import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createSandbox } from "./sandbox.ts";
import { sqliteLedger } from "./sqlite-ledger.ts";

export interface PaymentServer {
	readonly url: string;
	stop(): Promise<void>;
}

/** Bytes of a body. */
const longest = 65_536;

/** Runs the sandbox on this machine only, at any free port, with its ledger in `file`. */
export async function servePayments({ file, key }: { file: string; key: string }): Promise<PaymentServer> {
	const ledger = sqliteLedger(file);
	const sandbox = createSandbox({ key, ledger, now: Date.now });
	const server = createServer((incoming, outgoing) => {
		answer(sandbox, incoming, outgoing).catch(() => outgoing.destroy());
	});
	await new Promise<void>((listens, fails) => {
		server.once("error", fails);
		server.listen(0, "127.0.0.1", listens);
	});
	const address = server.address();
	if (typeof address !== "object" || !address) throw new Error("the payment sandbox has no port");
	return {
		url: `http://127.0.0.1:${address.port}`,
		stop: () =>
			new Promise((stopped) => {
				server.close(() => {
					ledger.close();
					stopped();
				});
				server.closeAllConnections();
			}),
	};
}

async function answer(sandbox: (request: Request) => Promise<Response>, incoming: IncomingMessage, outgoing: ServerResponse) {
	const gone = new AbortController();
	outgoing.once("close", () => gone.abort());
	const body = await read(incoming);
	if (body === undefined) {
		outgoing.writeHead(413, { connection: "close" }).end();
		return;
	}
	const { method = "GET", url = "/", headers } = incoming;
	const request = new Request(new URL(url, "http://sandbox.test"), {
		method,
		headers: Object.entries(headers).map(([name, value]): [string, string] => [name, `${value}`]),
		signal: gone.signal,
		...(method === "GET" || method === "HEAD" ? {} : { body }),
	});
	const response = await sandbox(request);
	const text = await response.text();
	outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(text);
}

/** Undefined for what is too large. */
async function read(incoming: IncomingMessage): Promise<string | undefined> {
	const parts: Buffer[] = [];
	let size = 0;
	for await (const part of incoming) {
		size += part.length;
		if (size > longest) return undefined;
		parts.push(part);
	}
	return Buffer.concat(parts).toString("utf8");
}
