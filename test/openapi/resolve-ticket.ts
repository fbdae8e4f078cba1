import { setTimeout as wait } from "node:timers/promises";
import type { SpawnedStack } from "../../scripts/dev/spawn.ts";
import { relayCron } from "../../shared/messaging/schedule.ts";

const administrator = "administrator@penultimate.example";
const patience = 30_000;

/** What the staff do with a ticket in this status, by the path under it. */
const nextSteps: Readonly<Record<string, readonly [path: string, body: object]>> = {
	assigned: ["acceptance", {}],
	accepted: ["start", {}],
	in_progress: ["resolution", { note: "Mended." }],
};

/** Has a customer's ticket assigned and resolved by the staff; when it returns, the customer sees it. */
export async function resolveTicket(stack: SpawnedStack, ticketId: string, customerToken: string): Promise<void> {
	const path = `/api/v1/tickets/${ticketId}`;
	const staff = { "cf-access-jwt-assertion": await stack.token("--staff", administrator) };
	const customer = { authorization: `Bearer ${customerToken}` };
	const statusAt = async (worker: string, headers: Record<string, string>): Promise<string> => {
		const ticket: { status: string } = await (await stack.request(worker, path, { headers })).json();
		return ticket.status;
	};

	const began = Date.now();
	while ((await statusAt("customer", customer)) !== "resolved") {
		if (Date.now() - began > patience) throw new Error(`${ticketId} is not resolved`);
		const step = nextSteps[await statusAt("sysops", staff)];
		if (step) {
			const headers = { ...staff, "content-type": "application/json" };
			await stack.request("sysops", `${path}/${step[0]}`, { method: "POST", headers, body: JSON.stringify(step[1]) });
		} else {
			await stack.fire("sysops", relayCron); // assigns, and sends again
			await wait(200);
		}
	}
}
