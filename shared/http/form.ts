import type * as v from "valibot";
import { check, readBytes } from "./body.ts";
import { Problem } from "./problem.ts";

/** What somebody has sent by a form, field by field, before any check: as it was typed, to be shown again. */
export type Typed = Readonly<Record<string, readonly string[]>>;

/** What each request has brought: its body can be read once only. */
const read = new WeakMap<Request, Promise<Typed>>();

/**
 * Reads what a form has posted (https://url.spec.whatwg.org/#application/x-www-form-urlencoded), however often it is
 * asked. Throws `unsupported_media_type` or `body_too_large`; what was typed is for `checkForm`.
 */
export function readForm(request: Request): Promise<Typed> {
	const typed = read.get(request) ?? parse(request);
	read.set(request, typed);
	return typed;
}

async function parse(request: Request): Promise<Typed> {
	const mediaType = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
	if (mediaType !== "application/x-www-form-urlencoded") throw new Problem("unsupported_media_type");
	const fields = new Map<string, string[]>();
	for (const [name, value] of new URLSearchParams(new TextDecoder().decode(await readBytes(request)))) {
		const values = fields.get(name);
		if (values) values.push(value);
		else fields.set(name, [value]);
	}
	return Object.fromEntries(fields);
}

/**
 * Checks what was typed. A field of which the schema wants an array is one, however often it was sent; any other comes
 * once. Throws `invalid_field` with what is wrong.
 */
export function checkForm<S extends v.GenericSchema>(schema: S & { entries: v.ObjectEntries }, typed: Typed): v.InferOutput<S> {
	const input: Record<string, unknown> = Object.create(null); // a field may be called __proto__
	for (const [name, entry] of Object.entries(schema.entries)) if (entry.type === "array") input[name] = [];
	for (const [name, values] of Object.entries(typed)) {
		input[name] = values.length === 1 && !Array.isArray(input[name]) ? values[0] : values;
	}
	return check(schema, input);
}
