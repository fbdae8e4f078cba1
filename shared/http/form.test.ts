import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { checkForm, readForm } from "./form.ts";
import { Problem } from "./problem.ts";

const Schema = v.strictObject({ name: v.string(), kinds: v.array(v.string()), note: v.optional(v.string()) });

const post = (body: BodyInit, type = "application/x-www-form-urlencoded") =>
	new Request("https://customer.test/", { method: "POST", body, headers: { "content-type": type } });

const parse = async (body: string) => checkForm(Schema, await readForm(post(body)));

async function refusalOf(work: () => Promise<unknown>) {
	const error: unknown = await work().catch((thrown: unknown) => thrown);
	if (!(error instanceof Problem)) throw new Error(`no problem but ${String(error)}`);
	return { code: error.code, errors: error.details.errors?.map(({ field, rule }) => ({ field, rule })) };
}

describe("a form", () => {
	it("gives text as it was typed, and lists where the schema wants them", async () => {
		expect(await parse("name=A%26da+%C3%A9%0D%0A%F0%9F%91%8D&kinds=a")).toEqual({ name: "A&da é\r\n👍", kinds: ["a"] });
		expect(await parse("kinds=a&name=Ada&kinds=b&note=")).toEqual({ name: "Ada", kinds: ["a", "b"], note: "" });
		expect(await parse("name=Ada")).toEqual({ name: "Ada", kinds: [] });
	});

	it("keeps what was typed, whatever it is, to be shown again", async () => {
		expect(await readForm(post("a=1&a=2&__proto__=x&b="))).toEqual(
			Object.fromEntries([
				["a", ["1", "2"]],
				["b", [""]],
				["__proto__", ["x"]],
			]),
		);
	});

	it("with a field twice that comes once is refused, and names it", async () => {
		expect(await refusalOf(() => parse("name=a&name=b"))).toEqual({
			code: "invalid_field",
			errors: [{ field: "name", rule: "string" }],
		});
	});

	it.each(["extra", "__proto__", "constructor", "toString", "entries"])(
		"row 2: with the unknown field %s is refused",
		async (field) => {
			expect(await refusalOf(() => parse(`name=a&${field}=b`))).toEqual({
				code: "invalid_field",
				errors: [{ field: "", rule: "unknown_field" }],
			});
		},
	);

	it.each(["application/json", "multipart/form-data; boundary=x", "text/plain", ""])("of type '%s' is none", async (type) => {
		expect(await refusalOf(() => readForm(post(new TextEncoder().encode("name=a"), type)))).toMatchObject({
			code: "unsupported_media_type",
		});
	});

	it("row 3: of more than 32 KiB is refused while it streams", async () => {
		let given = 0;
		const endless = new ReadableStream({
			pull(controller) {
				given += 1024;
				controller.enqueue(new TextEncoder().encode("x".repeat(1024)));
			},
		});

		expect(await refusalOf(() => readForm(post(endless)))).toMatchObject({ code: "body_too_large" });
		expect(given).toBeLessThan(100_000);
	});
});
