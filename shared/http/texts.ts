import * as v from "valibot";

/** No control characters and no halves of surrogate pairs: nothing that could end a header or get lost on the way. */
const plain = /^[^\p{Cc}\p{Cs}]*$/u;
const plainLines = /^(?:[^\p{Cc}\p{Cs}]|[\n\t])*$/u;

/** What somebody types in one line: NFC, trimmed, not empty, at most so many UTF-16 units. */
export const line = (most: number) =>
	v.pipe(v.string(), v.normalize("NFC"), v.trim(), v.minLength(1), v.maxLength(most), v.regex(plain));

/** The same, limited in bytes of UTF-8. */
export const lineOfBytes = (most: number) =>
	v.pipe(v.string(), v.normalize("NFC"), v.trim(), v.minLength(1), v.maxBytes(most), v.regex(plain));

/** The same as `line` over several lines, with tabs. Line breaks come out as `\n`. */
export const lines = (most: number) =>
	v.pipe(
		v.string(),
		v.transform((text) => text.replaceAll("\r\n", "\n")),
		v.normalize("NFC"),
		v.trim(),
		v.minLength(1),
		v.maxLength(most),
		v.regex(plainLines),
	);

/** International (ITU-T E.164): `+`, then 7 to 15 digits, which spaces, brackets, dots, hyphens and slashes may part. */
export const phonePattern = /^\+[ (]?[1-9](?:[ ()./-]*\d){6,14}$/;
