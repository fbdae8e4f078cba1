import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { vi } from "vitest";
import type { Database } from "../context.ts";
import { throughWire } from "./database.ts";

/** What one request, queue batch or Cron run has cost. */
export interface Costs {
	d1Calls: number;
	statements: number;
	rowsRead: number;
	rowsWritten: number;
	/** Calls of `send` or `sendBatch`. */
	sends: number;
	messages: number;
	/** Calls of anything else outside this Worker: service bindings, RPC, `fetch`. */
	otherCalls: number;
}

/** Who answers when a Worker fetches. */
export type Network = (request: Request) => Promise<Response>;
const noNetwork: Network = () => Promise.reject(new TypeError("no network"));

/**
 * Runs `work` with an environment whose bindings count, to the end of what it left to `waitUntil`. With `until` the
 * answer is enough: for work that never ends.
 */
export async function costsOf<Env extends object>(
	env: Env,
	work: (env: Env, execution: ExecutionContext) => unknown,
	until: "answer" | "end" = "end",
	network = noNetwork,
): Promise<Costs> {
	const costs: Costs = { d1Calls: 0, statements: 0, rowsRead: 0, rowsWritten: 0, sends: 0, messages: 0, otherCalls: 0 };
	const execution = createExecutionContext();
	vi.stubGlobal("fetch", (input: RequestInfo | URL, init?: RequestInit) => {
		costs.otherCalls += 1;
		return network(new Request(input, init));
	});
	try {
		await work(counting(env, costs), execution);
		if (until === "end") await waitOnExecutionContext(execution);
	} finally {
		vi.unstubAllGlobals();
	}
	return costs;
}

function counting<Env extends object>(env: Env, costs: Costs): Env {
	const bindings = Object.entries(env).map(([name, binding]) => [name, countBinding(binding, costs)]);
	return Object.fromEntries(bindings) as Env; // name by name the same interfaces
}

function countBinding(binding: unknown, costs: Costs): unknown {
	if (typeof binding !== "object" || binding === null || Array.isArray(binding)) return binding;
	if (binding.constructor.name === "D1Database") return countDatabase(binding as D1Database, costs); // that is its class
	if (binding.constructor.name === "Fetcher") return countCalls(binding, costs); // a service: it seems to have every method
	if (isRateLimit(binding)) return binding;
	if ("sendBatch" in binding) return countQueue(binding as Queue, costs); // no other binding has it
	return countCalls(binding, costs);
}

function countCalls(binding: object, costs: Costs): object {
	return new Proxy(binding, {
		get(target, name) {
			const value: unknown = Reflect.get(target, name);
			if (typeof value !== "function") return value;
			return (...args: unknown[]) => {
				costs.otherCalls += 1;
				return Reflect.apply(value, target, args);
			};
		},
	});
}

/** Counted beside the Worker, in the same place: https://developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/ */
const isRateLimit = (binding: object) => "limit" in binding;

function countQueue(queue: Queue, costs: Costs): Pick<Queue, "send" | "sendBatch"> {
	return {
		send(message, options) {
			costs.sends += 1;
			costs.messages += 1;
			return queue.send(message, options);
		},
		sendBatch(messages, options) {
			const all = [...messages];
			costs.sends += 1;
			costs.messages += all.length;
			return queue.sendBatch(all, options);
		},
	};
}

/** A call is counted even when it fails. Rows are known of those only that were answered. */
function countDatabase(database: D1Database, costs: Costs) {
	const counted = (source: Database) =>
		throughWire(source, async (statements, work) => {
			costs.d1Calls += 1;
			costs.statements += statements;
			const results = await work();
			for (const { meta } of results) {
				costs.rowsRead += meta.rows_read;
				costs.rowsWritten += meta.rows_written;
			}
			return results;
		});
	const withSession = (constraint?: string) => {
		const session = database.withSession(constraint);
		return { ...counted(session), getBookmark: () => session.getBookmark() };
	};
	return { ...counted(database), withSession };
}

/** Measures line by line what is committed as a table. */
export class CostSheet<Env extends object> {
	readonly rows: Record<string, Costs> = {};
	readonly #env: Env;
	readonly #network: Network | undefined;
	constructor(env: Env, network?: Network) {
		this.#env = env;
		this.#network = network;
	}

	/** Measures one line of the table. */
	async line(name: string, work: (env: Env, execution: ExecutionContext) => unknown): Promise<Costs> {
		const costs = await costsOf(this.#env, work, "end", this.#network);
		this.rows[name] = costs;
		return costs;
	}

	/** The table as it is committed under test/costs. */
	table(worker: string): string {
		return costTable(worker, this.rows);
	}
}

const columns: [title: string, cost: keyof Costs][] = [
	["D1 calls", "d1Calls"],
	["statements", "statements"],
	["rows read", "rowsRead"],
	["rows written", "rowsWritten"],
	["sends", "sends"],
	["messages", "messages"],
	["other calls", "otherCalls"],
];

function costTable(worker: string, rows: Readonly<Record<string, Costs>>): string {
	const width = Math.max(...Object.keys(rows).map((name) => name.length));
	const line = (name: string, cells: readonly (string | number)[]) =>
		`| ${name.padEnd(width)} | ${cells.map((cell, i) => String(cell).padStart(columns[i]?.[0].length ?? 0)).join(" | ")} |\n`;
	return (
		`# What the ${worker} Worker costs\n\n` +
		"Counted at its bindings by the tests of costs, which fail when a number rises or falls. When that is meant:\n" +
		"`npm run costs -- --update`, and commit the difference.\n\n" +
		line(
			"",
			columns.map(([title]) => title),
		) +
		`| ${"-".repeat(width)} | ${columns.map(([title]) => `${"-".repeat(title.length - 1)}:`).join(" | ")} |\n` +
		Object.entries(rows)
			.map(([name, costs]) =>
				line(
					name,
					columns.map(([, cost]) => costs[cost]),
				),
			)
			.join("")
	);
}
