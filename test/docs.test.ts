import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { workerNames } from "../scripts/workers.ts";
import { queuesOf } from "../shared/events/queues.ts";
import { type EventDefinition, topology } from "../shared/events/topology.ts";
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

	it("every place that documents name in the layout exists", () => {
		const named = documents.flatMap((path) =>
			[...read(path).matchAll(/`((?:workers|shared|test|scripts|docs|migrations)\/[\w./-]+)`/g)].map(([, place]) =>
				String(place),
			),
		);

		expect(named.filter((place) => !existsSync(join(root, place)))).toEqual([]);
		expect(named.length).toBeGreaterThan(5);
	});

	it("how to deploy names every queue that the events need", () => {
		const named = new Set([...read("docs/deploy.md").matchAll(/`([a-z][a-z0-9-]*)`/g)].map(([, name]) => name));

		expect(Object.keys(queuesOf(topology)).filter((queue) => !named.has(queue))).toEqual([]);
	});

	it.each(workerNames)(
		"the README of %s names exactly the events that it emits, and exactly those that it consumes",
		(worker) => {
			const events: [string, EventDefinition][] = Object.entries(topology.events);
			const emitted = events.filter(([, { from }]) => from === worker).map(([type]) => type);
			const consumed = events.filter(([, { to }]) => worker in to).map(([type]) => type);

			// a line of the list goes on until the next begins
			const lines = read(`workers/${worker}/README.md`).split(/^- /m);
			const named = (verb: string) => {
				const line = lines.find((text) => text.startsWith(`**${verb}**`)) ?? "";
				// after the colon stands what a receipt does
				return [...(line.split(":")[0] ?? "").matchAll(/`([A-Z]\w+)`/g)].map(([, type]) => type);
			};

			expect(named("Emits").sort()).toEqual(emitted.sort());
			expect(named("Consumes").sort()).toEqual(consumed.sort());
		},
	);
});
