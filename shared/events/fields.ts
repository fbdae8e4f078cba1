import * as v from "valibot";
import { type IdPrefix, idPattern } from "../ids.ts";

/** The fields that events are made of. */

/** Milliseconds since 1970, UTC. */
export const instant = v.pipe(v.number(), v.integer(), v.minValue(0));

/** At least one character, and at most so many. */
export const text = (most: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(most));

/** At least one character, and at most so many bytes of UTF-8. */
export const upTo = (bytes: number) => v.pipe(v.string(), v.minLength(1), v.maxBytes(bytes));

export const id = (prefix: IdPrefix) => v.pipe(v.string(), v.regex(idPattern(prefix)));
