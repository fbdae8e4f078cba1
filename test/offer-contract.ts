import type { SpawnedStack } from "../scripts/dev/spawn.ts";

/** The staff offer a contract, and it has come to every shard of the customers. Resolves with its id and version. */
export async function offerContract(stack: SpawnedStack): Promise<{ contractId: string; version: number }> {
	const headers = {
		"cf-access-jwt-assertion": await stack.token("--staff", "administrator@penultimate.example"),
		"content-type": "application/json",
		"idempotency-key": "a-contract-for-tests",
	};
	const terms = {
		name: "Screens at home",
		summary: "For every television and monitor in the house.",
		devices: ["television", "computer"],
		coverage: ["Visits without limit", "Parts up to 200 EUR a year"],
		responseHours: 24,
		price: { amountMinor: 1490, currency: "EUR" },
	};
	const created = await stack.request("sysops", "/api/v1/contracts", { method: "POST", headers, body: JSON.stringify(terms) });
	if (!created.ok) throw new Error(`the contract was not created: ${await created.text()}`);
	const { id: contractId, version }: { id: string; version: number } = await created.json();
	await stack.fire("customer", "*/5 * * * *");
	return { contractId, version };
}
