import { setTimeout as wait } from "node:timers/promises";
import { insist, type Target } from "./insist.ts";

/** What is done with a ticket in this status, by the path under it. */
const nextSteps = {
	assigned: ["acceptance", {}],
	accepted: ["start", {}],
	in_progress: ["resolution", { note: "Mended – ☎" }],
} as const;

/** Takes whatever has been assigned a step further, as long as it lasts. Gives the tickets whose resolution was acknowledged. */
export async function staff(target: Target, isOver: () => boolean): Promise<string[]> {
	const resolved = new Set<string>();
	while (!isOver()) {
		for (const [status, [step, body]] of Object.entries(nextSteps)) {
			const headers = () => ({ "cf-access-jwt-assertion": target.staffToken });
			const path = `/api/v1/tickets?${new URLSearchParams({ status, limit: "20" })}`;
			const page = await insist<{ items: { id: string }[] }>(target, {
				worker: "sysops",
				path,
				headers: headers(),
				until: [200],
			});
			for (const { id } of page.body.items) {
				// 409: it was cancelled meanwhile, or a lost answer had been heard by the database
				const wish = { path: `/api/v1/tickets/${id}/${step}`, headers: headers(), body, until: [200, 409] };
				const answer = await insist<unknown>(target, { worker: "sysops", ...wish });
				if (step === "resolution" && answer.status === 200) resolved.add(id);
				if (isOver()) break;
			}
		}
		await wait(200);
	}
	return [...resolved];
}
