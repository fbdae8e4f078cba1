import { type ConversionConfig, toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { IdempotencyKey } from "../../shared/http/idempotency-key.ts";
import { type ProblemCode, problemBody, problems } from "../../shared/http/problem.ts";
import { idPattern } from "../../shared/ids.ts";
import { type Operation, problemsOf } from "./operation.ts";
import { operations, schemas } from "./operations.ts";

type Json = Readonly<Record<string, unknown>>;

const ref = (name: string) => `#/components/schemas/${name}`;

/** What leaves a text the kind of thing that it is says nothing about the text. */
const conversion: ConversionConfig = {
	target: "draft-2020-12",
	definitions: schemas,
	ignoreActions: ["transform", "normalize", "trim", "to_lower_case", "check", "readonly"],
	overrideRef: ({ referenceId }) => ref(referenceId),
	overrideAction: ({ valibotAction, jsonSchema }) => {
		if (!("requirement" in valibotAction)) return undefined;
		const { type, requirement } = valibotAction;
		// the document's patterns have the flag u anyway; an object has room for one
		if (type === "regex" && requirement instanceof RegExp) {
			const pattern = requirement.source;
			return jsonSchema.pattern ? { ...jsonSchema, allOf: [{ pattern }] } : { ...jsonSchema, pattern };
		}
		// no text of so many bytes has more characters
		return type === "max_bytes" ? { ...jsonSchema, maxLength: Number(requirement) } : undefined;
	},
};

const schemaOf = (schema: v.GenericSchema, config: ConversionConfig = {}): Json => {
	const { $schema: _, $defs: __, ...converted } = toJsonSchema(schema, { ...conversion, ...config });
	return { ...converted };
};

/** A named schema itself, where others would refer to it. */
function definitionOf(name: string, schema: v.GenericSchema): Json {
	const others = Object.fromEntries(Object.entries(schemas).filter(([other]) => other !== name));
	return schemaOf(schema, { definitions: others });
}

/** What every error looks like (RFC 9457). */
const Problem: Json = {
	type: "object",
	properties: {
		type: { type: "string", format: "uri" },
		title: { type: "string" },
		status: { type: "integer" },
		code: { type: "string", description: "A stable word." },
		errors: {
			type: "array",
			description: "Which fields are wrong.",
			items: {
				type: "object",
				properties: { field: { type: "string" }, rule: { type: "string" }, expected: { type: "string" } },
				required: ["field", "rule", "expected"],
			},
		},
		missing: { type: "array", description: "Fields of the profile that are missing.", items: { type: "string" } },
	},
	required: ["type", "title", "status", "code"],
};

function parametersOf({ ids = {}, tokens = {}, query, idempotent, conditional }: Operation): Json[] {
	const inPath = Object.entries(ids).map(([name, prefix]) => ({
		name,
		in: "path",
		required: true,
		schema: { type: "string", pattern: idPattern(prefix).source },
	}));
	const tokensInPath = Object.entries(tokens).map(([name, description]) => ({
		name,
		in: "path",
		required: true,
		description,
		schema: { type: "string" },
	}));
	const inQuery = Object.entries(query?.entries ?? {}).map(([name, schema]) => ({
		name,
		in: "query",
		required: false,
		schema: schemaOf(schema as v.GenericSchema, { typeMode: "input" }), // entries are schemas
	}));
	const key = {
		name: "Idempotency-Key",
		in: "header",
		required: false,
		description: "Chosen by the client: the same request with the same key is done once.",
		schema: schemaOf(IdempotencyKey),
	};
	const tag = {
		name: "If-None-Match",
		in: "header",
		required: false,
		description: "The ETag of an earlier answer: what has not changed is not sent again.",
		schema: { type: "string" },
	};
	return [...inPath, ...tokensInPath, ...inQuery, ...(idempotent ? [key] : []), ...(conditional ? [tag] : [])];
}

function answersOf(operation: Operation): Json {
	const answers = Object.entries(operation.answers).map(([status, { description, schema, example, headers }]) => [
		status,
		{
			description,
			...(headers && { headers: headersOf(headers) }),
			...(schema && { content: { "application/json": { schema: schemaOf(schema), example } } }),
		},
	]);
	const byStatus = Map.groupBy(problemsOf(operation), (code) => problems[code][0]);
	const refusals = [...byStatus].sort(([a], [b]) => a - b).map(([status, codes]) => [String(status), refusal(status, codes)]);
	return Object.fromEntries([...answers, ...refusals]);
}

const headersOf = (headers: Readonly<Record<string, string>>): Json =>
	Object.fromEntries(Object.entries(headers).map(([name, says]) => [name, { description: says, schema: { type: "string" } }]));

/** What comes with every problem of a status. */
const refusalHeaders: Readonly<Record<number, Readonly<Record<string, string>>>> = {
	401: { "WWW-Authenticate": "`Bearer`." },
	429: { "Retry-After": "After how many seconds it makes sense to try again." },
};

function refusal(status: number, codes: readonly ProblemCode[]): Json {
	const headers = refusalHeaders[status];
	const examples = codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]);
	return {
		description: codes.map((code) => `\`${code}\`: ${problems[code][1]}`).join("\n\n"),
		...(headers && { headers: headersOf(headers) }),
		content: {
			"application/problem+json": {
				schema: { allOf: [{ $ref: ref("Problem") }, { type: "object", properties: { code: { enum: codes } } }] },
				examples: Object.fromEntries(examples),
			},
		},
	};
}

function operationOf(operation: Operation): Json {
	const { id, summary, access, body } = operation;
	const parameters = parametersOf(operation);
	return {
		operationId: id,
		summary,
		...(access && { security: access === "open" ? [] : [{ refresh: [] }] }),
		...(parameters.length > 0 && { parameters }),
		...(body && {
			requestBody: {
				required: true,
				content: { "application/json": { schema: schemaOf(body.schema), example: body.example } },
			},
		}),
		responses: answersOf(operation),
	};
}

const problemCodes = [...new Set(operations.flatMap((operation) => [...problemsOf(operation)]))].sort();

/** The OpenAPI 3.1 document of the customers' API. */
export function openapi(): Json {
	const byPath = Map.groupBy(operations, ({ path }) => path);
	return {
		openapi: "3.1.0",
		info: {
			title: "Sysops Squad",
			version: "1",
			summary: "The customers' side of Penultimate Electronics' support: plans, tickets, and who the customer is.",
			license: { name: "MIT", identifier: "MIT" },
		},
		servers: [{ url: "/" }],
		security: [{ token: [] }, { cookie: [] }, { refresh: [] }],
		paths: Object.fromEntries(
			[...byPath].map(([path, here]) => [path, Object.fromEntries(here.map((one) => [one.method, operationOf(one)]))]),
		),
		components: {
			schemas: {
				Problem,
				...Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, definitionOf(name, schema)])),
			},
			examples: Object.fromEntries(problemCodes.map((code) => [code, { value: problemBody(code) }])),
			securitySchemes: {
				token: {
					type: "http",
					scheme: "bearer",
					bearerFormat: "JWT",
					description: "The token of a session, good for 5 minutes.",
				},
				cookie: {
					type: "apiKey",
					in: "cookie",
					name: "__Host-session",
					description: "The same token, as the portal's pages carry it.",
				},
				refresh: {
					type: "apiKey",
					in: "cookie",
					name: "__Host-refresh",
					description: "Of signing in: it renews the session's token, for 7 days.",
				},
			},
		},
	};
}
