import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { processes } from "../../scripts/dev/processes.ts";
import { freePort, type SpawnedStack, spawnStack } from "../../scripts/dev/spawn.ts";
import { assets } from "../../workers/customer/assets.ts";

/** The whole product as `npm start` runs it, with data of its own. */
const home = mkdtempSync(join(tmpdir(), "stack-"));
let stack: SpawnedStack;
const others: SpawnedStack[] = [];

/** Another one beside it, which is to refuse. */
function spawnAnother(options: { home: string; port: number }): SpawnedStack {
	const another = spawnStack(options);
	others.push(another);
	return another;
}

beforeAll(async () => {
	stack = spawnStack({ home, port: await freePort() });
	await stack.ready;
}, 90_000);

afterAll(async () => {
	for (const one of [stack, ...others]) {
		one.kill();
		await one.ended;
	}
	rmSync(home, { recursive: true, force: true });
});

const seconds = { timeout: 20_000, interval: 200 };

async function post(customer: string, path: string, body: object): Promise<Response> {
	const authorization = `Bearer ${await stack.token(customer)}`;
	const headers = { authorization, "content-type": "application/json" };
	return stack.request("customer", path, { method: "POST", headers, body: JSON.stringify(body) });
}

const newTicket = { device: "Television", category: "television", text: "No picture" };

describe("a ticket posted over HTTP", () => {
	test.each(["ada", "grace"])("of %s is at sysops, received, and gone from the outbox within seconds", async (customer) => {
		// given a ticket of a customer on one of the shards
		const posted = await post(customer, "/api/v1/tickets", { ...newTicket, text: `No picture, says ${customer}` });
		expect(posted.status).toBe(202);
		const { id }: { id: string } = await posted.json();
		const correlationId = posted.headers.get("x-correlation-id");

		// then the staff see it
		const staff = { "cf-access-jwt-assertion": await stack.token("--staff") };
		const seen = await vi.waitFor(async () => {
			const response = await stack.request("sysops", `/api/v1/tickets/${id}`, { headers: staff });
			expect(response.status).toBe(200);
			return response.json();
		}, seconds);
		expect(seen).toMatchObject({ id, status: "queued", text: `No picture, says ${customer}`, customer: { city: "Berlin" } });

		// and the customer knows, and no outbox holds it any more
		const authorization = `Bearer ${await stack.token(customer)}`;
		await vi.waitFor(async () => {
			const ticket: { status: string } = await (
				await stack.request("customer", `/api/v1/tickets/${id}`, { headers: { authorization } })
			).json();
			expect(ticket.status).toBe("received");
			const health: { shards: { oldestOutboxSeconds: number | null }[] } = await (
				await stack.request("customer", "/healthz")
			).json();
			expect(health.shards.map(({ oldestOutboxSeconds }) => oldestOutboxSeconds)).toEqual([null, null]);
		}, seconds);

		// and one correlation id runs through the logs of both Workers to the receipt
		const trail = stack.entries.filter((entry) => entry["correlationId"] === correlationId);
		const steps = trail.map(({ worker, message }) => `${worker} ${message}`);
		expect(steps).toEqual(expect.arrayContaining(["customer ticket_submitted", "customer event_confirmed"]));
		expect(steps.filter((step) => step.startsWith("sysops "))).not.toEqual([]);
		expect(new Set(trail.map(({ traceId }) => traceId)).size).toBe(1); // and one trace
	});

	test.each([
		["edsger", 409, { code: "no_active_plan" }],
		["barbara", 422, { code: "profile_incomplete", missing: ["street", "phone"] }],
	])("of %s is refused with %i", async (customer, status, problem) => {
		const response = await post(customer, "/api/v1/tickets", newTicket);
		expect(response.status).toBe(status);
		expect(await response.json()).toMatchObject(problem);
	});
});

/** The path goes out as it is written: `fetch` would resolve its dots. */
function statusOf(path: string): Promise<number | undefined> {
	return new Promise((resolve, reject) => {
		const sent = request({ host: "127.0.0.1", port: stack.port, path, headers: { "x-dev-host": "customer" } }, (response) => {
			response.resume();
			resolve(response.statusCode);
		});
		sent.once("error", reject).end();
	});
}

describe("row 27: a path that leads out of the assets, or around their names,", () => {
	const { path } = assets.styles;

	test("is not what the others below are", async () => {
		expect(await statusOf(path)).toBe(200);
		expect(await statusOf("/assets/../robots.txt")).toBe(200); // still ours, and public
	});

	test.each([
		"/assets/../../wrangler.toml",
		"/assets/%2e%2e/%2e%2e/wrangler.toml",
		"/assets/..%2f..%2f..%2f..%2fwrangler.toml",
		"/assets/%2e%2e%2f%2e%2e%2f.dev.vars",
		"/assets/..%5c..%5c..%5c..%5cwrangler.toml",
		"/assets/%5c..%5cindex.ts",
		"/assets/%252e%252e/robots.txt",
		"/assets/%252e%252e%252frobots.txt",
		"/assets/%255c..%255crobots.txt",
		"/assets/%c0%ae%c0%ae/robots.txt",
		"/assets/..\\..\\..\\wrangler.toml",
		`${path}%00`,
		`${path}%00.html`,
		`${path}%2f`,
		`${path}%5c`,
		"/assets/%00",
		"/assets/%",
		"/%2e%2e/%2e%2e/etc/passwd",
		"//etc/passwd",
		"/%5c%5cetc/passwd",
		"/assets/%2e%2e/_headers",
		"/_headers",
		"/.assetsignore",
	])("%s, is answered with 404", async (path) => {
		expect(await statusOf(path)).toBe(404);
	});
});

describe("the stack", () => {
	test("is healthy from the start, since every Cron Trigger has been fired once", async () => {
		for (const worker of ["customer", "sysops"]) {
			const response = await stack.request(worker, "/healthz");
			expect(response.status).toBe(200);
			expect(await response.json()).toMatchObject({ status: "ok", worker });
		}
	});

	test("prints the Workers' JSON lines only, and no polling of health", () => {
		expect(stack.entries.length).toBeGreaterThan(0);
		expect(stack.entries.filter(({ route }) => route === "/healthz")).toEqual([]);
	});

	test("says that its port is taken, and how to choose another", async () => {
		const second = spawnAnother({ home: join(home, "second"), port: stack.port });
		expect(await second.ended).toBe(1);
		expect(second.said()).toContain(`Port ${stack.port} is taken`);
		expect(second.said()).toContain("PORT=");
	});

	test("refuses a second one on the same data", async () => {
		const second = spawnAnother({ home, port: await freePort() });
		expect(await second.ended).toBe(1);
		expect(second.said()).toContain(`runs already, on port ${stack.port}`);
	});

	test("knows no host but those of its Workers, and names them", async () => {
		for (const host of ["nosuch.localhost", "constructor.localhost"]) {
			const response = await stack.request(host, "/healthz");
			expect(response.status).toBe(404);
			expect(await response.text()).toContain(
				"there are: localhost, customer.localhost, identity.localhost, sysops.localhost, notification.localhost, billing.localhost, analytics.localhost",
			);
		}
		expect((await stack.request("sysops.localhost", "/healthz")).status).toBe(200);
		expect((await stack.request("127.0.0.1", "/healthz")).status).toBe(200);
	});

	test("prints commands that act on its own data", () => {
		expect(stack.said()).toContain(`DEV_STATE=${home} npm run -s token -- ada `);
		expect(stack.said()).toContain("(or grace, edsger, barbara;");
		expect(stack.said()).toContain(`DEV_STATE=${home} npm run reset`);
	});

	test("names the demo customers when one asks for another", async () => {
		await expect(stack.token("nobody")).rejects.toThrow(/ada.*grace.*edsger.*barbara/s);
	});
});

describe("/__dev", () => {
	test("fires a Cron Trigger and answers when it has ended", async () => {
		const before = Date.now();
		const response = await stack.fire("sysops", "* * * * *");
		expect(response.status).toBe(200);
		const { crons }: { crons: Record<string, string> } = await (await stack.request("sysops", "/healthz")).json();
		expect(Date.parse(crons["* * * * *"] ?? "")).toBeGreaterThanOrEqual(before);
	});

	test.each([
		["an unknown Worker", "nobody", "* * * * *"],
		["a name that every object has", "constructor", "* * * * *"],
		["a cron that the Worker does not have", "customer", "0 0 * * *"],
		["nothing", "", ""],
	])("answers 400 to %s", async (_, worker, cron) => {
		expect((await stack.fire(worker, cron)).status).toBe(400);
	});

	test("fires nothing by GET, and has nothing else", async () => {
		expect((await stack.request("customer", "/__dev/scheduled?worker=customer&cron=*+*+*+*+*")).status).toBe(405);
		expect((await stack.request("customer", "/__dev/elsewhere")).status).toBe(404);
	});

	test("shows a code that was mailed within a second, to whom it was mailed", async () => {
		const email = "somebody.new@penultimate.example";
		const headers = { "content-type": "application/json" };
		const path = "/api/auth/email-otp/send-verification-otp";
		const asked = await stack.request("customer", path, { method: "POST", headers, body: JSON.stringify({ email }) });
		expect(asked.status).toBe(200);

		const accept = { headers: { accept: "application/json" } };
		const mails = await vi.waitFor(
			async () => {
				const { items }: { items: { id: string; text: string }[] } = await (
					await stack.request("", `/__dev/mail?to=${email}`, accept)
				).json();
				expect(items).toEqual([expect.objectContaining({ to: [email], from: "support@penultimate.example" })]);
				return items;
			},
			{ timeout: 1000, interval: 100 },
		);
		expect(await (await stack.request("", `/__dev/mail/${mails[0]?.id}`)).text()).toContain(email);
		expect(await (await stack.request("", "/__dev/mail?to=nobody@penultimate.example", accept)).json()).toEqual({ items: [] });
	});

	test("shows the public part of the Access issuer's key only", async () => {
		const { keys }: { keys: object[] } = await (await stack.request("customer", "/__dev/access/cdn-cgi/access/certs")).json();
		expect(Object.keys(keys[0] ?? {}).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
	});
});

test("Ctrl-C ends a stack with exit code 0 while it is still starting, and leaves no process", async () => {
	const starting = spawnAnother({ home: join(home, "early"), port: await freePort() });
	await new Promise((resolve) => setTimeout(resolve, 1500));

	starting.interrupt();

	expect(await starting.ended).toBe(0);
	expect(processes().filter(({ group }) => group === starting.pid)).toEqual([]);
});

test("Ctrl-C ends a stack with exit code 0 and leaves no process; its data are there again", { timeout: 90_000 }, async () => {
	// given a ticket
	const posted = await post("ada", "/api/v1/tickets", newTicket);
	const { id }: { id: string } = await posted.json();

	// when the stack is interrupted
	stack.interrupt();
	expect(await stack.ended).toBe(0);

	// then nothing of it runs
	expect(processes().filter(({ group }) => group === stack.pid)).toEqual([]);
	expect(stack.said()).not.toMatch(/^\s+at /m);

	// and when it is started again, the ticket is there
	stack = spawnStack({ home, port: stack.port });
	await stack.ready;
	const authorization = `Bearer ${await stack.token("ada")}`;
	const again = await stack.request("customer", `/api/v1/tickets/${id}`, { headers: { authorization } });
	expect(again.status).toBe(200);
});
