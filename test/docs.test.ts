import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { problems } from "../shared/http/problem.ts";

const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const inFolder = (folder: string) =>
	readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
const documents = ["README.md", ...inFolder("docs"), ...inFolder("workers")].filter((path) => path.endsWith(".md"));

describe("the documents are true:", () => {
	it("the table of errors is the one that the API answers with", () => {
		const rows = Object.entries(problems).map(([code, [status, meaning]]) => `| \`${code}\` | ${status} | ${meaning} |`);

		const table = read("docs/errors.md")
			.split("\n")
			.filter((line) => /^\| `/.test(line));

		expect(table).toEqual(rows);
	});

	it("every npm script that a document names exists", () => {
		const { scripts } = JSON.parse(read("package.json"));
		const named = documents.flatMap((path) => [...read(path).matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, name]) => name));

		expect(new Set(named.filter((name) => !(String(name) in scripts)))).toEqual(new Set());
		expect(named.length).toBeGreaterThan(5);
	});

	it("every link between documents leads somewhere", () => {
		const links = documents.flatMap((path) =>
			[...read(path).matchAll(/\]\(([^)#:]+)\)/g)].map(([, target]) => join(dirname(path), String(target))),
		);

		expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
		expect(links.length).toBeGreaterThan(2);
	});

	it("every place that documents and comments name in the layout exists", () => {
		const named = documents.flatMap((path) =>
			[...read(path).matchAll(/`((?:workers|shared|test|scripts|docs|migrations)\/[\w./-]+)`/g)].map(([, place]) =>
				String(place),
			),
		);

		expect(named.filter((place) => !existsSync(join(root, place)))).toEqual([]);
	});
});
