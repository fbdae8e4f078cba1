import * as v from "valibot";
import { fieldErrors, Problem } from "./problem.ts";

/** Bytes: room for 4,000 characters of text, each escaped, and the other fields. */
const largestBody = 32 * 1024;
const deepest = 32;

/** What an operation asks of its body before anything is read out of it. */
interface BodyRules {
	/** Bytes. */
	readonly largest?: number;
	/** Sees the body as it was sent, and throws for what must not be in it. */
	readonly refuse?: (text: string) => void;
}

/** Reads and checks a JSON body. Throws a `Problem` for all that is not as the schema wants it, and shows none of it. */
export async function readJson<S extends v.GenericSchema>(
	request: Request,
	schema: S,
	{ largest = largestBody, refuse }: BodyRules = {},
): Promise<v.InferOutput<S>> {
	const mediaType = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
	if (mediaType !== "application/json") throw new Problem("unsupported_media_type");
	const text = decode(await readBytes(request, largest));
	if (text !== undefined) refuse?.(text);
	if (text === undefined || isTooDeep(text)) throw new Problem("malformed_json");
	const body = parse(text);
	// valibot takes an array for an object; no operation takes one.
	if (Array.isArray(body)) throw new Problem("invalid_field", { errors: [{ field: "", rule: "object", expected: "Object" }] });
	return check(schema, body);
}

/** Checks input that is parsed already, such as a query. */
export function check<S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> {
	const parsed = v.safeParse(schema, input);
	if (!parsed.success) throw new Problem("invalid_field", { errors: fieldErrors(parsed.issues) });
	return parsed.output;
}

/** At most `largest` bytes, 32 KiB unless told, else `body_too_large`. Stops while streaming: a chunked body that never ends is cut at the limit. */
export async function readBytes(request: Request, largest = largestBody): Promise<Uint8Array> {
	if (Number(request.headers.get("content-length")) > largest) throw new Problem("body_too_large");
	const bytes = new Uint8Array(largest);
	let length = 0;
	for await (const chunk of request.body ?? []) {
		if (length + chunk.length > largest) throw new Problem("body_too_large");
		bytes.set(chunk, length);
		length += chunk.length;
	}
	return bytes.subarray(0, length);
}

function decode(bytes: Uint8Array): string | undefined {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
	} catch {
		return undefined;
	}
}

/** Counts brackets outside strings, so that no parser has to go down ten thousand levels. */
function isTooDeep(text: string): boolean {
	let depth = 0;
	let inString = false;
	for (let i = 0; i < text.length; i++) {
		const char = text[i];
		if (inString) {
			if (char === "\\") i++;
			else if (char === '"') inString = false;
		} else if (char === '"') inString = true;
		else if (char === "{" || char === "[") {
			depth += 1;
			if (depth > deepest) return true;
		} else if (char === "}" || char === "]") depth -= 1;
	}
	return false;
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text, (key, value) => {
			if (key === "__proto__") throw new Problem("malformed_json");
			return value;
		});
	} catch {
		throw new Problem("malformed_json");
	}
}
