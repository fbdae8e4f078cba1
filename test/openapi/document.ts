import { Ajv2020, type AnySchema } from "ajv/dist/2020.js";
import * as v from "valibot";

/** What the test reads of an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0). Schemas are left to ajv. */
const Schema = v.record(v.string(), v.unknown());
const Content = v.record(
	v.string(),
	v.strictObject({
		schema: Schema,
		example: v.optional(v.unknown()),
		examples: v.optional(v.record(v.string(), v.strictObject({ $ref: v.string() })), {}),
	}),
);
const Parameter = v.strictObject({
	name: v.string(),
	in: v.picklist(["path", "query", "header"]),
	required: v.boolean(),
	description: v.optional(v.string()),
	schema: Schema,
});
const Header = v.strictObject({ description: v.string(), schema: Schema });
const Answer = v.strictObject({
	description: v.pipe(v.string(), v.minLength(1)),
	headers: v.optional(v.record(v.string(), Header), {}),
	content: v.optional(Content, {}),
});
const Described = v.strictObject({
	operationId: v.pipe(v.string(), v.regex(/^[a-z]\w+$/i)),
	summary: v.pipe(v.string(), v.minLength(1)),
	security: v.optional(v.array(v.record(v.string(), v.array(v.string())))),
	parameters: v.optional(v.array(Parameter), []),
	requestBody: v.optional(v.strictObject({ required: v.literal(true), content: Content })),
	responses: v.record(v.pipe(v.string(), v.regex(/^[1-5]\d\d$/)), Answer),
});
export type Described = v.InferOutput<typeof Described>;
const method = v.picklist(["get", "put", "post", "delete", "patch"]);

export const Document = v.strictObject({
	openapi: v.pipe(v.string(), v.regex(/^3\.1\.\d+$/)),
	info: v.strictObject({
		title: v.string(),
		version: v.string(),
		summary: v.string(),
		license: v.strictObject({ name: v.string(), identifier: v.string() }),
	}),
	servers: v.array(v.strictObject({ url: v.string() })),
	security: v.array(v.record(v.string(), v.array(v.string()))),
	paths: v.record(v.pipe(v.string(), v.startsWith("/")), v.record(method, Described)),
	components: v.strictObject({
		schemas: v.record(v.pipe(v.string(), v.regex(/^[\w.-]+$/)), Schema),
		examples: v.record(v.string(), v.strictObject({ value: v.unknown() })),
		securitySchemes: v.record(v.string(), v.looseObject({ type: v.picklist(["http", "apiKey"]) })),
	}),
});
export type Document = v.InferOutput<typeof Document>;

/** Every operation with where it is. */
export const described = ({ paths }: Document) =>
	Object.entries(paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
	);

/** Every `$ref` in the document that leads to nothing. */
export function danglingRefs(document: unknown): string[] {
	const refs = JSON.stringify(document).matchAll(/"\$ref":"(#[^"]*)"/g);
	return [...refs].map(([, ref = ""]) => ref).filter((ref) => at(document, ref) === undefined);
}

const at = (document: unknown, ref: string) =>
	ref
		.slice(2)
		.split("/")
		.reduce<unknown>(
			(here, key) => (here !== null && typeof here === "object" ? Reflect.get(here, key.replaceAll("~1", "/")) : undefined),
			document,
		);

const isoInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const ajv = new Ajv2020({ strict: false, formats: { "date-time": isoInstant, email: /^\S+@\S+$/, uri: /^\w+:/ } });

/** Checks JSON against a schema of the document; what is wrong, or undefined. Objects must hold nothing undeclared. */
export function checker(document: Document, schema: Record<string, unknown>): (json: unknown) => string | undefined {
	const { Problem, ...others } = document.components.schemas;
	// an error is put together of two schemas: what neither of them declares is what is too much
	const root = schema["allOf"] ? { ...schema, unevaluatedProperties: false } : sealed(schema);
	const validate = ajv.compile({ ...root, components: { schemas: { Problem, ...(sealed(others) as object) } } } as AnySchema); // JSON Schemas
	return (json) => (validate(json) ? undefined : ajv.errorsText(validate.errors));
}

function sealed(schema: unknown): object {
	if (Array.isArray(schema)) return schema.map((one) => (typeof one === "object" && one !== null ? sealed(one) : one));
	const within = Object.entries(schema ?? {}).map(([key, value]) => [
		key,
		typeof value === "object" && value !== null && key !== "enum" ? sealed(value) : value,
	]);
	const result: Record<string, unknown> = Object.fromEntries(within);
	return result["type"] === "object" && result["properties"] ? { additionalProperties: false, ...result } : result;
}
