import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { fill, fillTickets } from "../../../shared/testing/backlog.ts";
import { CostSheet } from "../../../shared/testing/counting.ts";
import { everyDay } from "../../../shared/testing/experts.ts";
import { newId, someCustomer } from "../../../shared/testing/fixtures.ts";
import { accessToken, administratorEmail, migrateSysops, serveCerts } from "../../../shared/testing/staff.ts";
import { days, hours } from "../../../shared/time.ts";
import worker from "../index.ts";
import { expertRoutes, visitRoutes } from "./routes.ts";

const sheet = new CostSheet<Cloudflare.Env>(env);
const first = `exp_00${"0".repeat(25)}1`;

/** 20,000 experts, every tenth of the first 4,000 active, and 20,000 visits of the first one, 90 of them to come. */
beforeAll(async () => {
	serveCerts();
	await migrateSysops();
	const able = { skills: `'{"television":1}'`, hours: `'${everyDay}'`, regions: `'["south"]'`, absences: "'[]'", capacity: 6 };
	await fill(env.SYSOPS_DB, "experts", 20_000, {
		id: "printf('exp_00%026d', i)",
		name: "'Mary Example'",
		email: "'expert-' || i || '@squad.example'",
		...{ ...able, active: "i % 10 = 1 and i < 4000", version: 1, checked_version: 1 },
	});
	const ticket = { status: "'resolved'", submitted_at: "i", received_at: "i", customer: `'${JSON.stringify(someCustomer)}'` };
	await fillTickets(env.SYSOPS_DB, newId("cus", "00"), 20_000, ticket);
	const at = `${Date.now() + 14 * days} - (i - 1) * ${4 * hours}`;
	const visit = { expert_id: `'${first}'`, starts_at: at, ends_at: `${at} + ${2 * hours}` };
	await fill(env.SYSOPS_DB, "visits", 20_000, { ...visit, ticket_id: "printf('tkt_00%026d', i)" });
	await ask("GET", "/experts?limit=1")(env, createExecutionContext()); // gets the keys of Access
}, 60_000);

function ask(method: string, path: string, body?: object) {
	return async (counted: Cloudflare.Env, execution: ExecutionContext) => {
		const headers = {
			"cf-access-jwt-assertion": await accessToken({ email: administratorEmail }),
			"content-type": "application/json",
		};
		const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
		const response = await worker.fetch(new Request(`https://sysops.test/api/v1${path}`, init), counted, execution);
		expect(response.status, await response.clone().text()).toBeLessThan(400); // what is refused costs too little
	};
}

const expert = {
	...{ name: "Joan Example", active: true, skills: { audio: 2 }, regions: ["north"], absences: [], capacity: 4 },
	hours: [{ day: 1, from: "08:00", to: "16:00" }],
};

describe("the experts, of 20,000", () => {
	it.each(["/experts", "/experts?active=true", "/experts?active=false", `/visits?expert=${first}`])(
		"GET %s reads one page",
		async (path) => {
			const costs = await sheet.line(`GET ${path.replace(first, "{id}").slice(1)}`, ask("GET", path));

			expect(costs).toMatchObject({ d1Calls: 2, rowsWritten: 0 });
			// the role, and 21 rows, those of visits with their tickets
			expect(costs.rowsRead).toBeGreaterThanOrEqual(1 + 21);
			expect(costs.rowsRead).toBeLessThanOrEqual(1 + 2 * 21);
		},
	);

	it("GET experts/{id} reads it", async () => {
		expect(await sheet.line("GET experts/{id}", ask("GET", `/experts/${first}`))).toMatchObject({ d1Calls: 2, rowsRead: 2 });
	});

	/** Whoever is to be active has to find room among at most 500. */
	const mostRead = 500 * 2 + 20;

	it("POST experts counts those who are active, and writes one", async () => {
		const costs = await sheet.line("POST experts", ask("POST", "/experts", { ...expert, email: "joan@squad.example" }));

		expect(costs).toMatchObject({ d1Calls: 2, messages: 0 });
		expect(costs.rowsRead).toBeLessThan(mostRead);
	});

	it("PUT experts/{id} does so too", async () => {
		const changed = { ...expert, email: "expert-1@squad.example", basedOn: 1 };
		const costs = await sheet.line("PUT experts/{id}", ask("PUT", `/experts/${first}`, changed));

		expect(costs).toMatchObject({ d1Calls: 2, messages: 0 });
		expect(costs.rowsRead).toBeLessThan(mostRead);
	});
});

it("no route is left out", () => {
	const routes = [...expertRoutes.routes, ...visitRoutes.routes].map(({ method, path }) => `${method} ${path}`);

	expect([...new Set(routes)].sort()).toEqual(["GET /", "GET /:id", "POST /", "PUT /:id"]);
});

it("costs what test/costs/sysops-experts.md says; if the change is meant: npm run costs -- --update", async () => {
	await expect(sheet.table("experts of the sysops")).toMatchFileSnapshot("../../../test/costs/sysops-experts.md");
});
