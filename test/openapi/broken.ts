import type { ProblemCode } from "../../shared/http/problem.ts";
import type { Described } from "./document.ts";

/** A request with one thing wrong, and what it is to be answered with. */
export interface Broken {
	readonly name: string;
	readonly code: ProblemCode;
	/** Sent by somebody whom we do not know. */
	readonly unknown?: true;
	readonly body?: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly query?: string;
	readonly ids?: Readonly<Record<string, string>>;
}

type Schema = Readonly<Record<string, unknown>>;

/** Every way to break a request that the document tells of. `resolve` follows a `$ref`. */
export function broken(operation: Described, isOpen: boolean, resolve: (schema: Schema) => Schema): Broken[] {
	const { parameters, requestBody } = operation;
	const content = requestBody?.content["application/json"];
	const named = (where: string) => parameters.filter((parameter) => parameter.in === where).map(({ name }) => name);
	return [
		...(isOpen ? [] : withoutToken),
		...named("path").flatMap((name) =>
			ids.map(([what, id]) => ({ name: what, code: "not_found" as const, ids: { [name]: id } })),
		),
		...named("query").map((name) => ({
			name: `${name}=!!`,
			code: "invalid_field" as const,
			query: `${new URLSearchParams({ [name]: "!!" })}`,
		})),
		...named("header")
			.filter((name) => name === "Idempotency-Key")
			.map((name) => ({
				name: `${name} with a space`,
				code: "malformed_idempotency_key" as const,
				headers: { [name]: "a b" },
			})),
		...(content ? bodies(resolve(content.schema), content.example as object, resolve) : []), // every body is an object
	];
}

const withoutToken: readonly Broken[] = [
	{ name: "no token", code: "unauthenticated", unknown: true, headers: { authorization: "" } },
	{ name: "no token of ours", code: "unauthenticated", unknown: true, headers: { authorization: "Bearer x.y.z" } },
];

const zeros = "0".repeat(26);
const ids = [
	["an id that is none", "x"],
	["an id of something else", `evt_00${zeros}`],
	["an id that nothing has", `tkt_00${zeros}`],
] as const;

function bodies(schema: Schema, example: object, resolve: (schema: Schema) => Schema): Broken[] {
	const invalid = (name: string, body: unknown) => ({ name, code: "invalid_field" as const, body: JSON.stringify(body) });
	const properties = Object.entries((schema["properties"] ?? {}) as Record<string, Schema>); // as JSON Schema has them
	const required = (schema["required"] ?? []) as readonly string[];
	const limited = properties.filter(([, property]) => Object.keys(resolve(property)).length > 0);
	return [
		invalid("a list as its body", []),
		invalid("a text as its body", "text"),
		invalid("an unknown field", { ...example, extra: 1 }),
		...required.map((name) => invalid(`no ${name}`, { ...example, [name]: undefined })),
		...limited.map(([name, property]) =>
			invalid(`${name} of a wrong type`, { ...example, [name]: resolve(property)["type"] === "object" ? 7 : { a: 1 } }),
		),
		{ name: "half a body", code: "malformed_json", body: "{" },
		{ name: "a body of another type", code: "unsupported_media_type", headers: { "content-type": "application/xml" } },
		{ name: "a body without end", code: "body_too_large", body: JSON.stringify({ text: "x".repeat(40_000) }) },
	];
}
