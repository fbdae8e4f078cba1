import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { askStaff } from "../../../shared/testing/contracts.ts";
import { deskPath, type Expert, givenExpert, givenTicketAt } from "../../../shared/testing/desk.ts";
import { administratorEmail, migrateSysops, serveCerts } from "../../../shared/testing/staff.ts";
import { ticketRoutes } from "./routes.ts";

let mary: Expert;
let id: string;
beforeAll(async () => {
	serveCerts();
	await migrateSysops();
	mary = await givenExpert();
	id = await givenTicketAt("assigned", mary);
});

const routes = ticketRoutes.routes.filter(({ method }) => method === "POST").map(({ path }) => path.replace(/\/$/, ""));

/** Sends it to every route that takes a body and expects this answer, with nothing changed and nothing of the body in it. */
async function expectRefusal(status: number, code: string, body: () => BodyInit | object, headers: Record<string, string> = {}) {
	const before = await contentsOf(env.SYSOPS_DB);
	expect(routes.length).toBeGreaterThan(6);
	for (const route of routes) {
		const answer = await askStaff("POST", `${deskPath}${route.replace(":id", id)}`, {
			body: body(),
			email: administratorEmail,
			headers,
		});
		expect({ route, status: answer.status, code: answer.body.code }).toEqual({ route, status, code });
		expect(answer.text).not.toContain("canary");
	}
	expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
}

describe("every route that takes a body", () => {
	it.each(["canary", "constructor", "role"])("row 2: refuses the unknown field %s", async (field) => {
		await expectRefusal(422, "invalid_field", () => ({ [field]: "canary" }));
	});

	it("refuses a list", async () => {
		await expectRefusal(422, "invalid_field", () => "[]");
	});

	it("row 3: cuts an endless body while it streams, and one that says how large it is", async () => {
		const chunk = new TextEncoder().encode("canary".repeat(100));
		await expectRefusal(413, "body_too_large", () => new ReadableStream({ pull: (controller) => controller.enqueue(chunk) }));
		await expectRefusal(413, "body_too_large", () => `{"text":"${"canary".repeat(6000)}"}`);
	});

	it.each([
		["10,000 deep", `{"text":${"[".repeat(10_000)}`],
		["__proto__", '{"__proto__":{"text":"canary"}}'],
		["no JSON at all", "canary"],
	])("row 4: refuses what is %s", async (_, body) => {
		await expectRefusal(400, "malformed_json", () => body);
	});

	it("refuses a form", async () => {
		await expectRefusal(415, "unsupported_media_type", () => "text=canary", {
			"content-type": "application/x-www-form-urlencoded",
		});
	});
});

it("nobody without a role here reads or does anything", async () => {
	const before = await contentsOf(env.SYSOPS_DB);
	const paths = ticketRoutes.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => ({ method, path }));
	for (const { method, path } of paths) {
		const whole = `${deskPath}${path.replace(/\/$/, "").replace(":id", id)}`;
		const body = method === "POST" ? { body: {} } : {};
		const visitor = await askStaff(method, whole, { ...body, email: "visitor@squad.example" });
		expect(visitor, whole).toMatchObject({ status: 403, body: { code: "not_staff" } });
		const nobody = await askStaff(method, whole, { ...body, headers: { "cf-access-jwt-assertion": "" } });
		expect(nobody, whole).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
		expect(nobody.headers.get("cache-control")).toBe("no-store");
	}
	expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
});
