import { setTimeout as wait } from "node:timers/promises";
import type { SpawnedStack } from "../dev/spawn.ts";

/** The stack of the moment: killed and started again while everybody goes on. */
export interface Target {
	stack: SpawnedStack;
	/** Session tokens by demo customer. */
	tokens: Readonly<Record<string, string>>;
	/** Of somebody of the staff who may do everything. */
	staffToken: string;
	/** Requests that wait for an answer. */
	inFlight: number;
	/** Requests that got none, or an error of the server. */
	failed: number;
}

interface Wish {
	readonly worker: "customer" | "sysops" | "billing";
	readonly path: string;
	readonly headers: Readonly<Record<string, string>>;
	/** A POST with this as JSON; a GET without, unless told otherwise. */
	readonly body?: object;
	readonly method?: "DELETE" | "PUT";
	/** The answers with which it is settled. */
	readonly until: readonly number[];
}

class Refused extends Error {}

/** Milliseconds: a stack is back from a kill much sooner. */
const longestWait = 90_000;

/** Repeats until there is such an answer. What no repetition mends is an error of the test or of the product, and ends it. */
export async function insist<Body>(
	target: Target,
	{ worker, path, headers, body, method, until }: Wish,
): Promise<{ status: number; body: Body }> {
	const began = Date.now();
	let last = "";
	while (Date.now() - began < longestWait) {
		target.inFlight += 1;
		try {
			const response = await target.stack.request(worker, path, {
				...(body ? { method: method ?? "POST", body: JSON.stringify(body) } : method ? { method } : {}),
				headers: { "content-type": "application/json", ...headers },
				signal: AbortSignal.timeout(10_000),
			});
			const answer = await response.text();
			if (until.includes(response.status)) return { status: response.status, body: JSON.parse(answer || "null") };
			if (response.status < 500) throw new Refused(`${path}: ${response.status} ${answer}`);
			last = `${response.status} ${answer}`;
			target.failed += 1;
		} catch (error) {
			if (error instanceof Refused) throw error;
			last = String(error);
			target.failed += 1;
		} finally {
			target.inFlight -= 1;
		}
		await wait(100);
	}
	throw new Refused(`${path}: not settled in ${longestWait / 1000} s; the last answer: ${last}`);
}
