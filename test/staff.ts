import { setTimeout as wait } from "node:timers/promises";
import type { Stack } from "../scripts/dev/spawn.ts";
import { relayCron } from "../shared/messaging/schedule.ts";

const administrator = "administrator@penultimate.example";
const patience = 30_000;
/** In ms: a token is good for five minutes. */
const tokenAge = 240_000;

/** The service team of a stack. */
export interface Staff {
	/** Asks a Worker, with a body by POST, and throws when the answer is none of success. */
	ask<Answer>(worker: string, path: string, body?: object, headers?: Readonly<Record<string, string>>): Promise<Answer>;
	/** Has a ticket assigned, now and not at the next full minute. Waits for its arrival before. */
	assign(ticketId: string): Promise<void>;
	/** What is done with a ticket, by the path under it: `acceptance`, `replies` … */
	work(ticketId: string, what: string, body?: object): Promise<void>;
	/** What sysops calls its state; empty for a ticket that has not arrived. */
	statusOf(ticketId: string): Promise<string>;
}

/** An administrator, who may stand in for any expert. */
export function staffOf(stack: Stack): Staff {
	let known: { readonly token: string; readonly since: number } | undefined;
	const headers = async () => {
		if (!known || Date.now() - known.since > tokenAge) {
			known = { token: await stack.token("--staff", administrator), since: Date.now() };
		}
		return { "cf-access-jwt-assertion": known.token, "content-type": "application/json" };
	};
	const ask: Staff["ask"] = async (worker, path, body, others) => {
		const init = body ? { method: "POST", body: JSON.stringify(body) } : {};
		const response = await stack.request(worker, path, { ...init, headers: { ...(await headers()), ...others } });
		if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
		return response.json();
	};
	const statusOf: Staff["statusOf"] = async (ticketId) => {
		const response = await stack.request("sysops", `/api/v1/tickets/${ticketId}`, { headers: await headers() });
		const { status }: { status: string } = response.ok ? await response.json() : { status: "" };
		return status;
	};
	return {
		ask,
		statusOf,
		work: async (ticketId, what, body = {}) => void (await ask("sysops", `/api/v1/tickets/${ticketId}/${what}`, body)),
		assign: async (ticketId) => {
			for (const began = Date.now(); Date.now() - began < patience; await wait(200)) {
				const status = await statusOf(ticketId);
				if (status === "assigned") return;
				if (status === "queued") await stack.fire("sysops", relayCron);
			}
			throw new Error(`${ticketId} is not assigned`);
		},
	};
}
