import * as v from "valibot";

/** No control characters and no halves of surrogate pairs: nothing that could end a header or get lost on the way. */
const plain = /^[^\p{Cc}\p{Cs}]*$/u;
const plainLines = /^(?:[^\p{Cc}\p{Cs}]|[\n\t])*$/u;

/** One line of text in NFC, without white space around it. At most so many UTF-16 units after trimming, and one at least. */
export const line = (most: number) =>
	v.pipe(v.string(), v.normalize("NFC"), v.trim(), v.minLength(1), v.maxLength(most), v.regex(plain));

/** The same with line breaks, as `\n`, and tabs. */
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
