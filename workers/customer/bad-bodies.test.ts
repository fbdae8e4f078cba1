import { beforeAll, describe, expect, it } from "vitest";
import { cardsPath, noIntent, submissionOf } from "../../shared/testing/card-holder.ts";
import { contentsOf } from "../../shared/testing/contents.ts";
import {
	type Answer,
	type Customer,
	givenCustomer,
	givenTicket,
	type ProblemBody,
	ticketsPath,
} from "../../shared/testing/customers.ts";
import { someTicket } from "../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../shared/testing/migrations.ts";
import { givenSurvey, someAnswers, surveysPath } from "../../shared/testing/surveys.ts";

/** Stands in every bad body, and in no answer. */
const canary = "canary-7Qx";

let customer: Customer;
/** Every route that takes a body, with one that is right. */
let routes: [path: string, body: Record<string, unknown>, method?: "PUT"][];

beforeAll(async () => {
	await migrateDatabases();
	customer = await givenCustomer();
	const { id } = await givenTicket(customer);
	routes = [
		[ticketsPath, { ...someTicket, text: canary }],
		[`${ticketsPath}/${id}/comments`, { text: canary }],
		[`${ticketsPath}/${id}/cancellation`, {}],
		[`${surveysPath}/${(await givenSurvey()).token}`, someAnswers],
		[`${ticketsPath}/${id}/reopening`, { text: canary }],
		["/api/v1/profile", { name: canary }, "PUT"],
		["/api/v1/plan", { lines: [] }, "PUT"],
		[`${cardsPath}/intents`, {}],
		[cardsPath, await submissionOf(noIntent(customer.id))],
	];
});

type Post = (path: string, right: Record<string, unknown>, method: string) => Promise<Answer<ProblemBody>>;

const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
	customer.sendText(method, path, JSON.stringify(body), headers);

/** Posts to every route and expects this answer, with nothing changed and nothing of the body in it. */
async function expectRefusal(status: number, code: string, post: Post, of = routes): Promise<void> {
	const before = await contentsOf(customer.database);
	for (const [path, right, method = "POST"] of of) {
		const answer = await post(path, right, method);
		expect({ path, status: answer.status, code: answer.body.code }).toEqual({ path, status, code });
		expect(answer.headers.get("content-type")).toBe("application/problem+json");
		expect(answer.text).not.toContain(canary);
	}
	expect(await contentsOf(customer.database)).toEqual(before);
}

describe("row 2: extra fields", () => {
	it.each(["status", "customerId", canary, "constructor", "toString", "hasOwnProperty"])("%s: 422", async (field) => {
		await expectRefusal(422, "invalid_field", (path, right, method) => send(method, path, { ...right, [field]: "received" }));
	});
});

describe("row 3: bodies that are too large", () => {
	const large = `{"text":"${canary.repeat(4000)}"}`;

	it("answers 413 to one that says so", async () => {
		await expectRefusal(413, "body_too_large", (path, _, method) => customer.sendText(method, path, large));
	});

	it("answers 413 to one that says it is small", async () => {
		const headers = { "content-length": "10" };
		await expectRefusal(413, "body_too_large", (path, _, method) =>
			customer.sendText(method, path, streamOf(large).body, headers),
		);
	});

	it("answers 413 to an endless one, while it streams", async () => {
		await expectRefusal(413, "body_too_large", async (path, _, method) => {
			const endless = streamOf(canary.repeat(100), Infinity);
			const answer = await customer.sendText(method, path, endless.body);
			expect(endless.sent()).toBeLessThan(100_000);
			return answer;
		});
	});
});

/** A chunked body that gives `text` again and again, and counts the bytes that were taken. */
function streamOf(text: string, times = 1): { body: ReadableStream; sent: () => number } {
	const chunk = new TextEncoder().encode(text);
	let given = 0;
	const body = new ReadableStream({
		pull(controller) {
			if (given++ < times) controller.enqueue(chunk);
			else controller.close();
		},
	});
	return { body, sent: () => given * chunk.length };
}

describe("row 4: JSON that is meant to hurt", () => {
	it.each([
		["2,000 arrays deep", "[".repeat(2000) + "]".repeat(2000)],
		["500 objects deep", `${'{"a":'.repeat(500)}1${"}".repeat(500)}`],
		["deep behind brackets that close nothing", `{"text":"]]]]]]]]]]","a":${"[".repeat(2000)}`],
		["deep in a field", `{"text":${"[".repeat(200)}"${canary}"${"]".repeat(200)}}`],
		["__proto__", `{"__proto__":{"text":"${canary}"}}`],
		["__proto__ in escapes", `{"\\u005f_proto__":{"text":"${canary}"}}`],
		["__proto__ inside", `{"text":{"a":[{"__proto__":null}]}}`],
	])("%s: 400", async (_, body) => {
		await expectRefusal(400, "malformed_json", (path, _, method) => customer.sendText(method, path, body));
	});

	it.each([
		["10,000 arrays", "[".repeat(10_000) + "]".repeat(10_000)],
		["5,000 objects", `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`],
	])("%s deep: 400, or 413 where bodies are small", async (_, body) => {
		const small = routes.filter(([path]) => path.startsWith(cardsPath));
		const others = routes.filter((route) => !small.includes(route));
		const post: Post = (path, _, method) => customer.sendText(method, path, body);
		await expectRefusal(400, "malformed_json", post, others);
		await expectRefusal(413, "body_too_large", post, small);
	});
});

describe("what is no JSON", () => {
	it.each([
		["nothing", ""],
		["a word", canary],
		["half of it", `{"text":"${canary}`],
		["two of it", `{"text":"${canary}"}{}`],
		["NaN", `{"text":NaN}`],
		["a raw line break in a string", `{"text":"${canary}\n"}`],
		["invalid UTF-8", new Uint8Array([...new TextEncoder().encode('{"text":"'), 0xc3, 0x28, ...new TextEncoder().encode('"}')])],
		["UTF-8 with half a surrogate pair", new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22])],
	])("%s: 400", async (_, body) => {
		await expectRefusal(400, "malformed_json", (path, _, method) => customer.sendText(method, path, body));
	});

	it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp"])(
		"%s: 415",
		async (type) => {
			await expectRefusal(415, "unsupported_media_type", (path, right, method) =>
				send(method, path, right, { "content-type": type }),
			);
		},
	);

	it("a body without a type: 415", async () => {
		await expectRefusal(415, "unsupported_media_type", (path, right, method) =>
			customer.sendText(method, path, new TextEncoder().encode(JSON.stringify(right)), { "content-type": "" }),
		);
	});

	it.each(["application/json; charset=utf-8", "Application/JSON"])("%s is JSON", async (type) => {
		expect((await customer.post(ticketsPath, someTicket, { "content-type": type })).status).toBe(202);
	});
});

describe("wrong types", () => {
	it.each([[null], [true], [1], [canary], [[]], [[{}]]])("%j for the body: 422", async (body) => {
		await expectRefusal(422, "invalid_field", (path, _, method) => send(method, path, body));
	});

	it.each([[null], [true], [1], [{}], [[]], [[canary]], [""]])("%j for a text: 422 that names the field", async (wrong) => {
		const withText = routes.filter(([, right]) => "text" in right);
		await expectRefusal(
			422,
			"invalid_field",
			async (path, right) => {
				const answer = await customer.post(path, { ...right, text: wrong });
				expect(answer.body.errors).toMatchObject([{ field: "text" }]);
				return answer;
			},
			withText,
		);
	});

	it.each([
		["device", 7],
		["category", "plumbing"],
		["category", "Television"],
		["priority", "urgent"],
		["priority", null],
		["availability", []],
		["availability", ["night"]],
		["availability", "morning"],
		["availability", ["morning", "morning", "morning", "morning"]],
	])("%s = %j: 422 that names the field", async (field, wrong) => {
		const answer = await customer.post(ticketsPath, { ...someTicket, [field]: wrong });

		expect(answer).toMatchObject({
			status: 422,
			body: { code: "invalid_field", errors: [{ field: expect.stringMatching(`^${field}`) }] },
		});
	});

	it.each(["device", "category", "text"])("%s missing: 422 that names the field", async (field) => {
		const answer = await customer.post(ticketsPath, { ...someTicket, [field]: undefined });

		expect(answer).toMatchObject({ status: 422, body: { code: "invalid_field", errors: [{ field }] } });
	});
});
