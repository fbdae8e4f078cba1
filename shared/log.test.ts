import { describe, expect, it } from "vitest";
import { createLog, describeError, type LogFields } from "./log.ts";

function entryOf(fields: LogFields): Record<string, unknown> {
	const lines: string[] = [];
	createLog(
		"customer",
		{ traceId: "t" },
		(line) => lines.push(line),
		() => 0,
	).info("something", fields);
	return JSON.parse(lines[0] ?? "");
}

describe("a log line", () => {
	it("has time, level, worker, message and the fields that it is given", () => {
		expect(entryOf({ ticketId: "tkt_1", count: 2 })).toEqual({
			time: "1970-01-01T00:00:00.000Z",
			level: "info",
			worker: "customer",
			message: "something",
			traceId: "t",
			ticketId: "tkt_1",
			count: 2,
		});
	});

	it("drops what is not on the list, whatever the types say", () => {
		const sneaked: Record<string, string> = { ticketId: "tkt_1", body: "4111 1111 1111 1111", name: "Ada" };
		expect(entryOf(sneaked)).not.toHaveProperty("body");
		expect(entryOf(sneaked)).not.toHaveProperty("name");
	});
});

describe("what is logged of an error", () => {
	it("is its class and the place", () => {
		expect(describeError(new TypeError("secret"))).toMatch(/^TypeError at .+:\d+:\d+\)?$/);
	});

	it("is never its message, not even one that looks like a place", () => {
		const error = new Error("a customer wrote:\n    at home (secret:1:1)\nand so on");
		expect(describeError(error)).not.toContain("secret");
	});

	it("is only the type of what is no error", () => {
		expect(describeError("secret")).toBe("string");
	});
});
