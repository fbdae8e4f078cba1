import { setTimeout as wait } from "node:timers/promises";
import type { Stack } from "../../scripts/dev/spawn.ts";
import type { Staff } from "../staff.ts";

const patience = 30_000;

/** Has a customer's ticket assigned and resolved by the staff; when it returns, the customer sees it. */
export async function resolveTicket(stack: Stack, staff: Staff, ticketId: string, customerToken: string): Promise<void> {
	const headers = { authorization: `Bearer ${customerToken}` };
	const isResolved = async () => {
		const answer = await stack.request("customer", `/api/v1/tickets/${ticketId}`, { headers });
		const { status }: { status: string } = await answer.json();
		return status === "resolved";
	};
	if (await isResolved()) return;

	await staff.assign(ticketId);
	await staff.work(ticketId, "acceptance");
	await staff.work(ticketId, "start");
	await staff.work(ticketId, "resolution", { note: "Mended." });
	for (const began = Date.now(); !(await isResolved()); await wait(200)) {
		if (Date.now() - began > patience) throw new Error(`${ticketId} is not resolved`);
	}
}
